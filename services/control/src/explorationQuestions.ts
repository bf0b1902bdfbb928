import type { SolutionVersion } from '@attune/database';
import { InvalidInputError } from '@attune/domain';
import type { TargetPolicy } from '@attune/exploration';
import type { EvaluateExplorationRequest, PolicyReport } from '@attune/proto';
import type { ControlParts } from './controlParts';
import { type ModelOrder, openModelOrder } from './modelOrder';
import { requireCampaign, requireSolutionVersion } from './requireResource';

/** What a report is asked about. */
export interface Questions {
  campaignArn: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  eventTypes: readonly string[];
  policies: readonly PolicyQuestion[];
}

/** A policy to judge, and how the report names it. */
export interface PolicyQuestion {
  named: Pick<PolicyReport, 'name' | 'explorationWeight' | 'explorationItemAgeCutOff' | 'solutionVersionArn'>;
  target: Pick<TargetPolicy, 'explorationWeight' | 'explorationItemAgeCutOff'>;
  /** Where another model's order is in question. */
  model?: ModelOrder;
}

const DEFAULT_WEIGHTS = [0, 0.1, 0.2, 0.3, 0.5];
const DEFAULT_SPAN_MS = 30 * 86_400_000;
const MOST_POLICIES = 20;

/**
 * Reads a request for a report.
 * @throws InvalidInputError naming the field that is wrong
 * @throws ResourceNotFoundError for an unknown campaign or solution version
 */
export async function readQuestions(
  parts: Pick<ControlParts, 'database' | 'objects' | 'scope' | 'now'>,
  request: EvaluateExplorationRequest,
): Promise<Questions> {
  const { database, scope, now } = parts;
  const campaign = await requireCampaign(database, scope, request.campaignArn);
  const to = request.to?.getTime() ?? now();
  const from = request.from?.getTime() ?? to - DEFAULT_SPAN_MS;
  if (!(from < to)) throw new InvalidInputError('from must lie before to.');
  const { weights, cutOffs, solutionVersionArns } = request;
  for (const weight of weights) {
    if (!(weight >= 0 && weight <= 1)) throw new InvalidInputError(`weights holds ${weight}. A weight is from 0 to 1.`);
  }
  for (const cutOff of cutOffs) {
    if (!(cutOff > 0)) throw new InvalidInputError(`cut_offs holds ${cutOff}. A cut-off is in days, above 0.`);
  }
  const count = weights.length + cutOffs.length + solutionVersionArns.length;
  if (count > MOST_POLICIES)
    throw new InvalidInputError(`${count} policies are asked about. The most is ${MOST_POLICIES}.`);
  const versions = await Promise.all(solutionVersionArns.map((arn) => requireSolutionVersion(database, scope, arn)));
  for (const { arn, datasetGroup } of versions) {
    if (datasetGroup === campaign.datasetGroup) continue;
    throw new InvalidInputError(`solution_version_arns holds ${arn}, which is of another dataset group.`);
  }
  return {
    campaignArn: campaign.arn,
    from,
    to,
    eventTypes: request.eventTypes,
    policies: [
      ...(count === 0 ? DEFAULT_WEIGHTS : weights).map(weightQuestion),
      ...cutOffs.map(cutOffQuestion),
      ...(await Promise.all(versions.map((version) => modelQuestion(parts, version)))),
    ],
  };
}

function weightQuestion(explorationWeight: number): PolicyQuestion {
  return {
    named: { name: `explorationWeight ${explorationWeight}`, explorationWeight, solutionVersionArn: '' },
    target: { explorationWeight },
  };
}

function cutOffQuestion(explorationItemAgeCutOff: number): PolicyQuestion {
  return {
    named: {
      name: `explorationItemAgeCutOff ${explorationItemAgeCutOff}`,
      explorationItemAgeCutOff,
      solutionVersionArn: '',
    },
    target: { explorationItemAgeCutOff },
  };
}

async function modelQuestion(
  parts: Pick<ControlParts, 'database' | 'objects'>,
  { arn, artifactUri, status }: SolutionVersion,
): Promise<PolicyQuestion> {
  if (artifactUri === undefined) throw new InvalidInputError(`${arn} has no model: its status is ${status}.`);
  return {
    named: { name: `order of ${arn}`, solutionVersionArn: arn },
    target: {},
    model: await openModelOrder(parts, artifactUri),
  };
}
