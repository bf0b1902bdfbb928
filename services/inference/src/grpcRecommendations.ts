import { fieldPath, ShapeError } from '@attune/aws';
import type { Caller } from '@attune/domain';
import {
  type ExplainRecommendationRequest,
  type GetPersonalizedRankingRequest,
  type GetRecommendationsRequest,
  type GetRecommendationsResponse,
  RecommendationsServiceService,
} from '@attune/proto';
import { type GrpcService, grpcService } from '@attune/service';
import type { Explain, ExplainedEvent } from './explain';
import type { RankItems } from './rankItems';
import type { Recommend, RecommendationList } from './recommend';

/** `attune.v1.RecommendationsService`. */
export function grpcRecommendations(recommend: Recommend, rankItems: RankItems, explain: Explain): GrpcService {
  return grpcService(RecommendationsServiceService, {
    getRecommendations: async (request, caller) =>
      recommendationsAnswer(await answer(recommend(recommendationMembers(request), caller), {}), request),
    getPersonalizedRanking: (request, caller) =>
      answer(rankItems(rankingMembers(request), caller), { inputList: 'item_ids' }),
    explainRecommendation: (request, caller) => answer(explained(explain, request, caller), {}),
  });
}

/** What tells of exploration is there where it was asked for. */
function recommendationsAnswer(
  { exploredShare, items, ...list }: RecommendationList,
  { includePropensities }: GetRecommendationsRequest,
): GetRecommendationsResponse {
  if (includePropensities) return { ...list, items, exploredShare };
  return { ...list, items: items.map(({ propensity: _, ...item }) => item) };
}

/** @param names fields by the API's name, where they have another */
async function answer<Response>(answering: Promise<Response>, names: Record<string, string>): Promise<Response> {
  try {
    return await answering;
  } catch (error) {
    throw error instanceof ShapeError ? new ShapeError(error.violations, (path) => fieldPath(path, names)) : error;
  }
}

/** The request by the API's names. Where a proto field is empty, the member is absent. */
function recommendationMembers(request: GetRecommendationsRequest) {
  const { campaignArn, userId, numResults, metadataColumns, context } = request;
  return {
    campaignArn: campaignArn || undefined,
    userId: userId || undefined,
    numResults,
    metadataColumns: columnsOf(metadataColumns),
    context,
  };
}

function rankingMembers(request: GetPersonalizedRankingRequest) {
  const { campaignArn, userId, itemIds, metadataColumns, context } = request;
  return {
    campaignArn: campaignArn || undefined,
    userId: userId || undefined,
    inputList: itemIds,
    metadataColumns: columnsOf(metadataColumns),
    context,
  };
}

async function explained(explain: Explain, request: ExplainRecommendationRequest, caller: Caller) {
  const { campaignArn, userId, itemId, context } = request;
  const { events, parts, itemMetadata, ...explanation } = await explain(
    { campaignArn: campaignArn || undefined, userId: userId || undefined, itemId: itemId || undefined, context },
    caller,
  );
  return { ...explanation, parts: [...parts], itemMetadata: [...itemMetadata], events: events.map(explainedEvent) };
}

function explainedEvent({ eventId, timestamp, ...event }: ExplainedEvent) {
  return { ...event, eventId: eventId ?? '', timestampMs: timestamp };
}

function columnsOf(columns: readonly string[]) {
  return columns.length > 0 ? { ITEMS: columns } : undefined;
}
