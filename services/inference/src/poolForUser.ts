import type { ItemId, PoolItem } from '@attune/domain';
import { type PoolEntry, weighPool } from '@attune/exploration';
import type { ExplorationPool } from './explorationPools';

/** What one user may be shown of a pool, weighed for that user. */
export interface UserPool {
  pool: readonly PoolItem[];
  poolEligible: number;
  clickRate: number;
}

export const NO_POOL: UserPool = { pool: [], poolEligible: 0, clickRate: 0 };

/**
 * @param scores of the pool's members, in their order: 0 where the model does not know an item, -1 where the user is not
 *   shown it; undefined where nothing is known of the user
 * @param hidden items that the user is not shown, where there are no scores
 */
export function poolForUser(
  { drawn, eligible, clickRate }: ExplorationPool,
  scores: readonly number[] | undefined,
  hidden: readonly ItemId[],
): UserPool {
  const entries: PoolEntry[] = [];
  const ownScores: number[] = [];
  for (const { entry, member } of drawn) {
    const score = scores ? scores[member]! : hidden.includes(entry.itemId) ? -1 : 0;
    if (score < 0) continue;
    entries.push(entry);
    ownScores.push(score);
  }
  return { pool: weighPool(entries, ownScores, clickRate), poolEligible: eligible, clickRate };
}
