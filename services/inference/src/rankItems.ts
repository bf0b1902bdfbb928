import { getPersonalizedRankingRequest, parseShape } from '@attune/aws';
import { type Caller, type ItemId, requirePlane, userId } from '@attune/domain';
import { newSlate } from './newSlate';
import type { RecommendParts } from './recommend';
import { itemsToRank, refuseUnsupported, requestedColumns } from './requestLimits';

/** One item of the list that was given. */
export interface RankedItem {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue; absent where the model does not know it. */
  score?: number;
  metadata: Record<string, string>;
}

export interface PersonalizedRanking {
  recommendationId: string;
  items: RankedItem[];
  solutionVersionArn: string;
  /** How many of the user's events the ranking is based on; 0 where it is by popularity. */
  historyLength: number;
  /** Whether a store was away: the ranking may lack the user's latest events, or treat a known user as unknown. */
  degraded: boolean;
}

/**
 * Answers GetPersonalizedRanking: the given items, most relevant first; at the end, in the order given, those that the
 * model does not know.
 * @param request in the API's shape, unchecked
 * @throws ShapeError that names the member that is wrong
 * @throws InvalidInputError for an ARN that is malformed, or of another region, account or kind
 * @throws ResourceNotFoundError for an unknown campaign
 * @throws NotReadyError for a campaign without a model
 * @throws AccessDeniedError where the caller may not use the campaign's dataset group
 */
export type RankItems = (request: unknown, caller: Caller) => Promise<PersonalizedRanking>;

type Parts = Pick<RecommendParts, 'registry' | 'histories' | 'askers' | 'catalog' | 'slates' | 'metrics' | 'now'>;

export function createRankItems({ registry, histories, askers, catalog, slates, metrics, now }: Parts): RankItems {
  return async (given, caller) => {
    requirePlane(caller, 'data');
    const request = parseShape(getPersonalizedRankingRequest, given);
    refuseUnsupported(request);
    const {
      arn: campaignArn,
      datasetGroup,
      ranker,
      solutionVersionArn,
      exploration,
    } = await registry.campaign(request.campaignArn, caller);
    const columns = requestedColumns(request, catalog.columns(datasetGroup));
    const itemIds = itemsToRank(request.inputList, columns.length > 0);
    const user = userId(request.userId);
    const { history, degraded } = await histories.read({ datasetGroup, historyKey: user });
    if (degraded) metrics.degraded.inc();
    const asker = await askers.of(datasetGroup, ranker.scorer, user, request.context);
    const { scores, known } = await ranker.scoresOf(user, history, itemIds, asker);
    const ordered = itemIds.toSorted((a, b) => (scores.get(b) ?? -1) - (scores.get(a) ?? -1));

    const { recommendationId, policy } = newSlate({ ...exploration, explorationWeight: 0 });
    const slots = ordered.map((itemId) => ({ itemId, score: scores.get(itemId) ?? 0, propensity: 1, explored: false }));
    slates.add({
      datasetGroup,
      recommendationId,
      campaignArn,
      solutionVersionArn,
      userId: user,
      servedAt: now(),
      kind: 'ranking',
      policy,
      relevant: slots.map(({ itemId, score }) => ({ itemId, score })),
      pool: [],
      poolEligible: 0,
      clickRate: 0,
      slots,
      ...(request.context && { context: request.context }),
      degraded,
    });
    const items = ordered.map((itemId) => {
      const score = scores.get(itemId);
      const metadata = columns.length === 0 ? {} : catalog.metadata(datasetGroup, itemId, columns);
      return { itemId, ...(score !== undefined && { score }), metadata };
    });
    return { recommendationId, items, solutionVersionArn, historyLength: known, degraded };
  };
}
