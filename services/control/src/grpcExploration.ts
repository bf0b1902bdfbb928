import { topics } from '@attune/bus';
import { findSlate } from '@attune/database';
import {
  InvalidInputError,
  ResourceNotFoundError,
  recommendationId,
  requireDatasetGroup,
  requirePlane,
  type Slate,
} from '@attune/domain';
import { type Replay, replaySlate } from '@attune/exploration';
import {
  type EvaluateExplorationRequest,
  type ExplorationReport,
  ExplorationServiceService,
  Slate as SlateMessage,
} from '@attune/proto';
import { type GrpcService, grpcService } from '@attune/service';
import { requireResource } from './authorization';
import type { ControlParts } from './controlParts';
import { evaluateExploration } from './evaluateExploration';
import { readQuestions } from './explorationQuestions';

type Parts = Pick<ControlParts, 'database' | 'objects' | 'scope' | 'now'>;

/** `attune.v1.ExplorationService`. */
export function grpcExploration(parts: Parts): GrpcService {
  return grpcService(ExplorationServiceService, {
    replaySlate: async ({ recommendationId: id }, caller) => {
      requirePlane(caller, 'control');
      if (caller.datasetGroups !== undefined) {
        const slate = id === '' ? undefined : await findSlate(parts.database, recommendationId(id));
        requireDatasetGroup(caller, slate?.datasetGroup);
      }
      const { slate, replay } = await replayFromLog(parts, id);
      return { slate: messageOf(slate), slots: [...replay.slots], equal: replay.equal };
    },
    evaluateExploration: async (request, caller) => {
      await requireResource(parts.database, request.campaignArn, caller);
      for (const arn of request.solutionVersionArns) await requireResource(parts.database, arn, caller);
      return { report: await reportOn(parts, request) };
    },
  });
}

/**
 * Fills a logged list again.
 * @throws ResourceNotFoundError where the log has no such list
 * @throws InvalidInputError where no id is given, or a rule filled the list that this version does not have
 */
export async function replayFromLog(
  { database }: Pick<Parts, 'database'>,
  id: string,
): Promise<{ slate: Slate; replay: Replay }> {
  if (id === '') throw new InvalidInputError('recommendation_id is empty.');
  const slate = await findSlate(database, recommendationId(id));
  if (slate === undefined) {
    throw new ResourceNotFoundError(
      `The slate log has no list ${id}: it was not served here, is not archived yet, or is older than the log keeps ` +
        '(ATTUNE_SLATE_RETENTION_DAYS).',
    );
  }
  return { slate, replay: replaySlate(slate) };
}

/** The report that a request asks for. @throws as the service says */
export async function reportOn(parts: Parts, request: EvaluateExplorationRequest): Promise<ExplorationReport> {
  return evaluateExploration(parts.database, await readQuestions(parts, request));
}

/** A list as it travels on the bus. */
export function messageOf(slate: Slate): SlateMessage {
  return SlateMessage.decode(topics.slates.encode(slate));
}
