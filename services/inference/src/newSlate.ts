import { randomUUID } from 'node:crypto';
import { type RecommendationId, recommendationId, type SlatePolicySettings } from '@attune/domain';
import { SLATE_RULE } from '@attune/exploration';
import type { ExplorationSettings } from './explorationSettings';

/** A new recommendation id, and the policy of its slate, whose random numbers it seeds. */
export function newSlate(exploration: ExplorationSettings): {
  recommendationId: RecommendationId;
  policy: SlatePolicySettings;
} {
  // Unique in 40 characters, the API's limit: RID- and a UUID.
  const id = recommendationId(`RID-${randomUUID()}`);
  return { recommendationId: id, policy: { version: SLATE_RULE, ...exploration, seed: id } };
}
