import { randomUUID } from 'node:crypto';
import { type RecommendationId, recommendationId, type SlatePolicySettings } from '@attune/domain';
import { SLATE_RULE } from '@attune/exploration';

/** A new recommendation id, and the policy of its slate: relevance alone, so far. */
export function newSlate(): { recommendationId: RecommendationId; policy: SlatePolicySettings } {
  // Unique in 40 characters, the API's limit: RID- and a UUID.
  const id = recommendationId(`RID-${randomUUID()}`);
  return {
    recommendationId: id,
    policy: {
      version: SLATE_RULE,
      explorationWeight: 0,
      explorationItemAgeCutOff: 30,
      seed: id,
      exposureImpressions: 0,
      exposureHours: 24,
    },
  };
}
