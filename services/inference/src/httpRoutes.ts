import type { GetRecommendationsResponse } from '@attune/aws';
import type { FastifyPluginAsync } from 'fastify';
import type { Recommend, RecommendedItem } from './recommend';

/** Says, beside the API's own shape, that a store was away; see `RecommendationList.degraded`. */
const DEGRADED_HEADER = 'x-attune-degraded';

/** `POST /recommendations`, as AWS's personalize-runtime client calls it. */
export function httpRoutes(recommend: Recommend): FastifyPluginAsync {
  return async (app) => {
    app.post('/recommendations', async (request, reply): Promise<GetRecommendationsResponse> => {
      const { recommendationId, items, degraded } = await recommend(request.body ?? {});
      if (degraded) reply.header(DEGRADED_HEADER, 'true');
      return { itemList: items.map(predictedItem), recommendationId };
    });
  };
}

/** AWS leaves out what is empty. */
function predictedItem({ itemId, score, reason, metadata }: RecommendedItem) {
  return {
    itemId,
    score,
    ...(reason.length > 0 && { reason }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}
