import { fieldPath, ShapeError } from '@attune/aws';
import { type GetRecommendationsRequest, RecommendationsServiceService } from '@attune/proto';
import { type GrpcService, grpcService } from '@attune/service';
import type { Recommend } from './recommend';

/** `attune.v1.RecommendationsService`. */
export function grpcRecommendations(recommend: Recommend): GrpcService {
  return grpcService(RecommendationsServiceService, {
    getRecommendations: async (request) => {
      try {
        return await recommend(members(request));
      } catch (error) {
        throw error instanceof ShapeError ? new ShapeError(error.violations, fieldPath) : error;
      }
    },
  });
}

/** The request by the API's names. Where a proto field is empty, the member is absent. */
function members({ campaignArn, userId, numResults, metadataColumns }: GetRecommendationsRequest) {
  return {
    campaignArn: campaignArn || undefined,
    userId: userId || undefined,
    numResults,
    metadataColumns: metadataColumns.length > 0 ? { ITEMS: metadataColumns } : undefined,
  };
}
