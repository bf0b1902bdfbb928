import type { GetRecommendationsResponse } from '@attune/aws';
import type { FastifyPluginAsync } from 'fastify';
import type { Recommend, RecommendedItem } from './recommend';

/** `POST /recommendations`, as AWS's personalize-runtime client calls it. */
export function httpRoutes(recommend: Recommend): FastifyPluginAsync {
  return async (app) => {
    app.post('/recommendations', async (request): Promise<GetRecommendationsResponse> => {
      const { recommendationId, items } = await recommend(request.body ?? {});
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
