import { type GetRecommendationsRequest, getRecommendationsRequest, parseShape, ShapeError } from '@attune/aws';
import { type Caller, type ItemId, requirePlane, type UserId, userId } from '@attune/domain';
import { type Candidate, fillSlate } from '@attune/exploration';
import type { UserHistory } from '@attune/session';
import type { Askers } from './askers';
import type { ColdCandidate, ColdStart } from './coldStart';
import type { ExplorationPools } from './explorationPools';
import type { InferenceMetrics } from './inferenceMetrics';
import type { ItemCatalog } from './itemCatalog';
import type { ModelRegistry, ServedCampaign } from './modelRegistry';
import { newSlate } from './newSlate';
import { NO_POOL, poolForUser, type UserPool } from './poolForUser';
import { refuseUnsupported, requestedColumns, requestedSize } from './requestLimits';
import type { ShownItems } from './shownItems';
import type { SlatePublisher } from './slatePublisher';
import type { UserHistoryReader } from './userHistoryReader';

/** One item of a list. */
export interface RecommendedItem {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. */
  score: number;
  /** Why the item is there, where relevance is not the reason. */
  reason: string[];
  /** The probability of this choice given the items above it; 1 where nothing was left to chance. */
  propensity: number;
  metadata: Record<string, string>;
}

export interface RecommendationList {
  recommendationId: string;
  items: RecommendedItem[];
  /** The share of the items that exploration drew. */
  exploredShare: number;
  solutionVersionArn: string;
  /** How many of the user's events the ranking is based on; 0 where it is the popular and the fresh. */
  historyLength: number;
  /** Whether a store was away: the list may lack the user's latest events, or treat a known user as unknown. */
  degraded: boolean;
}

/**
 * Answers GetRecommendations.
 * @param request in the API's shape, unchecked
 * @throws ShapeError that names the member that is wrong
 * @throws InvalidInputError for an ARN that is malformed, or of another region, account or kind
 * @throws ResourceNotFoundError for an unknown campaign
 * @throws NotReadyError for a campaign without a model
 * @throws AccessDeniedError where the caller may not use the campaign's dataset group
 */
export type Recommend = (request: unknown, caller: Caller) => Promise<RecommendationList>;

export interface RecommendParts {
  registry: Pick<ModelRegistry, 'campaign'>;
  histories: Pick<UserHistoryReader, 'read'>;
  /** What is known of users and requests beside histories. */
  askers: Pick<Askers, 'of'>;
  coldStart: Pick<ColdStart, 'list'>;
  pools: Pick<ExplorationPools, 'pool'>;
  shown: Pick<ShownItems, 'note'>;
  catalog: Pick<ItemCatalog, 'columns' | 'metadata'>;
  slates: Pick<SlatePublisher, 'add'>;
  metrics: Pick<InferenceMetrics, 'rankings' | 'degraded'>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** The candidates for a request, most relevant first. */
interface Ranked {
  candidates: readonly Candidate[];
  /** Why items are there where relevance is not the reason. */
  reasons?: ReadonlyMap<ItemId, ColdCandidate['reason']>;
  /** What exploration may draw from. */
  userPool: UserPool;
  historyLength: number;
  degraded: boolean;
}

const NO_HISTORY: Pick<UserHistory, 'items'> = { items: [] };

export function createRecommend(parts: RecommendParts): Recommend {
  return async (given, caller) => {
    requirePlane(caller, 'data');
    const request = parseShape(getRecommendationsRequest, given);
    refuseUnsupported(request);
    const campaign = await parts.registry.campaign(requireCampaign(request), caller);
    const columns = requestedColumns(request, parts.catalog.columns(campaign.datasetGroup));
    const size = requestedSize(request, columns.length > 0);
    const user = request.userId ? userId(request.userId) : undefined;
    const ranked = await rank(parts, campaign, user, size, request.context);
    const { candidates, reasons, userPool, historyLength, degraded } = ranked;
    if (degraded) parts.metrics.degraded.inc();

    const { recommendationId, policy } = newSlate(campaign.exploration);
    const slots = fillSlate({ ranked: candidates, pool: userPool.pool, size, policy });
    const { arn: campaignArn, datasetGroup, solutionVersionArn } = campaign;
    parts.slates.add({
      datasetGroup,
      recommendationId,
      campaignArn,
      solutionVersionArn,
      ...(user !== undefined && { userId: user }),
      servedAt: parts.now(),
      kind: 'recommendations',
      policy,
      relevant: candidates.slice(0, slots.length).map(({ itemId, score }) => ({ itemId, score })),
      ...userPool,
      slots,
      ...(request.context && { context: request.context }),
      degraded,
    });
    const inPool = new Set(userPool.pool.map(({ itemId }) => itemId));
    parts.shown.note(campaignArn, slots, {
      isNew: (itemId) => inPool.has(itemId),
      catalogue: campaign.ranker.scorer.items.ids.length,
    });
    const items = slots.map(({ itemId, score, propensity, explored }) => {
      const reason = explored ? 'Exploration' : reasons?.get(itemId);
      return {
        itemId,
        score,
        propensity,
        reason: reason === undefined ? [] : [reason],
        metadata: columns.length === 0 ? {} : parts.catalog.metadata(datasetGroup, itemId, columns),
      };
    });
    const exploredShare = slots.filter(({ explored }) => explored).length / Math.max(1, slots.length);
    return { recommendationId, items, exploredShare, solutionVersionArn, historyLength, degraded };
  };
}

async function rank(
  { histories, askers, coldStart, pools, metrics }: RecommendParts,
  campaign: ServedCampaign,
  user: UserId | undefined,
  size: number,
  context: GetRecommendationsRequest['context'],
): Promise<Ranked> {
  const { datasetGroup, ranker, exploration } = campaign;
  const pool = exploration.explorationWeight > 0 ? await pools.pool(campaign) : undefined;
  const reading = user === undefined ? undefined : await histories.read({ datasetGroup, historyKey: user });
  const history = reading?.history;
  const asker = await askers.of(datasetGroup, ranker.scorer, user, context);
  const ranking = history && (await ranker.rank(user!, history, size, pool?.members, asker));
  metrics.rankings.inc({ source: ranking?.source ?? 'cold' });
  const degraded = reading?.degraded ?? false;
  if (ranking) {
    const { candidates, known: historyLength, further } = ranking;
    const userPool = pool ? poolForUser(pool, further, []) : NO_POOL;
    return { candidates, userPool, historyLength, degraded };
  }
  const hidden = ranker.hidden(history ?? NO_HISTORY);
  const cold = await coldStart.list(datasetGroup, ranker.scorer, hidden, size, asker);
  const reasons = new Map(cold.candidates.map(({ itemId, reason }) => [itemId, reason]));
  const userPool = pool ? poolForUser(pool, undefined, hidden) : NO_POOL;
  return { candidates: cold.candidates, reasons, userPool, historyLength: 0, degraded: degraded || cold.degraded };
}

function requireCampaign({ campaignArn }: GetRecommendationsRequest): string {
  if (campaignArn !== undefined) return campaignArn;
  throw new ShapeError([{ path: ['campaignArn'], given: undefined, constraint: 'Member must not be null' }]);
}
