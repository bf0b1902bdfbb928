import {
  type GetPersonalizedRankingResponse,
  type GetRecommendationsResponse,
  getActionRecommendationsRequest,
  parseShape,
} from '@attune/aws';
import { InvalidInputError, requirePlane } from '@attune/domain';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Explain, Explanation } from './explain';
import type { RankItems } from './rankItems';
import type { Recommend } from './recommend';

/** Says, beside the API's own shape, that a store was away; see `RecommendationList.degraded`. */
const DEGRADED_HEADER = 'x-attune-degraded';

/**
 * `POST /recommendations` and `POST /personalize-ranking`, as AWS's personalize-runtime client calls them, and
 * `POST /explanations`. Actions are refused.
 */
export function httpRoutes(recommend: Recommend, rankItems: RankItems, explain: Explain): FastifyPluginAsync {
  return async (app) => {
    app.post('/recommendations', async (request, reply): Promise<GetRecommendationsResponse> => {
      const { recommendationId, items, degraded } = await recommend(request.body ?? {}, request.caller);
      markDegraded(reply, degraded);
      return { itemList: items.map(predictedItem), recommendationId };
    });
    app.post('/personalize-ranking', async (request, reply): Promise<GetPersonalizedRankingResponse> => {
      const { recommendationId, items, degraded } = await rankItems(request.body ?? {}, request.caller);
      markDegraded(reply, degraded);
      return { personalizedRanking: items.map(predictedItem), recommendationId };
    });
    app.post('/explanations', async (request, reply): Promise<Omit<Explanation, 'degraded'>> => {
      const { degraded, ...explanation } = await explain(request.body ?? {}, request.caller);
      markDegraded(reply, degraded);
      return explanation;
    });
    app.post('/action-recommendations', async (request) => {
      requirePlane(request.caller, 'data');
      parseShape(getActionRecommendationsRequest, request.body ?? {});
      throw new InvalidInputError('GetActionRecommendations: actions are outside of this project.');
    });
  };
}

function markDegraded(reply: FastifyReply, degraded: boolean): void {
  if (degraded) reply.header(DEGRADED_HEADER, 'true');
}

interface Item {
  itemId: string;
  score?: number;
  reason?: string[];
  metadata: Record<string, string>;
}

/** AWS leaves out what is empty. */
function predictedItem({ itemId, score, reason = [], metadata }: Item) {
  return {
    itemId,
    ...(score !== undefined && { score }),
    ...(reason.length > 0 && { reason }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}
