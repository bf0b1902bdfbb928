import { explainRecommendationRequest, parseShape } from '@attune/aws';
import {
  type Caller,
  type EventId,
  type ItemId,
  itemId,
  ResourceNotFoundError,
  requirePlane,
  userId,
} from '@attune/domain';
import type { UserHistory } from '@attune/session';
import type { ItemCatalog } from './itemCatalog';
import type { RecommendParts } from './recommend';
import { partsOfColumns, type ScorePart } from './scorePart';

/** An event of the history, and what it did for the item's score; contributions in nats, see `explainScore`. */
export interface ExplainedEvent {
  /** Absent for imported interactions. */
  eventId?: EventId;
  itemId: ItemId;
  eventType: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** The sum of the next two. */
  contribution: number;
  network: number;
  memory: number;
  /** Of all that was touched near this event's item, the share that was the explained one; see `EventContribution`. */
  followed: number;
  /** Of `network`, what came through the event's type, value, time and context, by feature. */
  features: ScorePart[];
}

/** Why an item has its score for a user, by what is known now. */
export interface Explanation {
  itemId: ItemId;
  score: number;
  /** Those that carried the score most first. */
  events: ExplainedEvent[];
  parts: readonly ScorePart[];
  /** The network's part from the item's side, by column of its metadata; no further parts. */
  itemMetadata: readonly ScorePart[];
  solutionVersionArn: string;
  historyLength: number;
  /** Whether a store was away, so that the latest events may be missing. */
  degraded: boolean;
}

/**
 * Answers ExplainRecommendation, which AWS does not have.
 * @param request in the shape of `explainRecommendationRequest`, unchecked
 * @throws ShapeError that names the member that is wrong
 * @throws InvalidInputError for an ARN that is malformed, or of another region, account or kind
 * @throws ResourceNotFoundError for an unknown campaign, or an item that its model does not know
 * @throws NotReadyError for a campaign without a model
 * @throws AccessDeniedError where the caller may not use the campaign's dataset group
 */
export type Explain = (request: unknown, caller: Caller) => Promise<Explanation>;

const NOBODY: UserHistory = { events: [], items: [], revision: 'none' };

type Parts = Pick<RecommendParts, 'registry' | 'histories' | 'askers'> & { catalog: Pick<ItemCatalog, 'row'> };

export function createExplain({ registry, histories, askers, catalog }: Parts): Explain {
  return async (given, caller) => {
    requirePlane(caller, 'data');
    const request = parseShape(explainRecommendationRequest, given);
    const { ranker, datasetGroup, solutionVersionArn } = await registry.campaign(request.campaignArn, caller);
    const [user, item] = [userId(request.userId ?? ''), itemId(request.itemId)];
    const { history, degraded } = request.userId
      ? await histories.read({ datasetGroup, historyKey: user })
      : { history: NOBODY, degraded: false };
    const known = request.userId ? user : undefined;
    const asker = await askers.of(datasetGroup, ranker.scorer, known, request.context);
    const itemMetadata = catalog.row(datasetGroup, item);
    const explained = await ranker.explain(user, history, item, { asker, itemMetadata });
    if (!explained) throw new ResourceNotFoundError(`The model ${solutionVersionArn} does not know the item ${item}.`);
    const events = explained.events.map(({ event, network, memory, followed, features }) => ({
      ...(event.eventId !== undefined && { eventId: event.eventId }),
      itemId: event.itemId!,
      eventType: event.eventType,
      timestamp: event.timestamp,
      contribution: network + memory,
      network,
      memory,
      followed,
      features: partsOfColumns(features),
    }));
    return {
      itemId: item,
      score: explained.score,
      events: events.sort((a, b) => b.contribution - a.contribution),
      parts: explained.parts,
      itemMetadata: explained.itemMetadata,
      solutionVersionArn,
      historyLength: explained.known,
      degraded,
    };
  };
}
