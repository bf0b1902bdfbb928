import type { PoolItem, RelevantItem, SlatePolicySettings, SlateSlot } from '@attune/domain';
import { ItemDraw } from './itemDraw';
import { seededRandom } from './seededRandom';

/** Names this rule in the log. A change of what `fillSlate` answers needs a new name. */
export const SLATE_RULE = 'slot-softmax-1';

/** An item that may be shown, with its relevance to the user. */
export type Candidate = RelevantItem;

export interface SlateRequest {
  /** Most relevant first, each item once: at least as many as there shall be slots, where there are as many. */
  ranked: readonly Candidate[];
  /** What exploration may draw from, each item once. */
  pool: readonly PoolItem[];
  /** The most slots there can be; fewer candidates make a shorter slate. */
  size: number;
  policy: Pick<SlatePolicySettings, 'explorationWeight' | 'seed'>;
}

/**
 * Fills a slate slot by slot. With probability w, the exploration weight, a slot takes an item drawn from what is left of
 * the pool, in proportion to the weights; otherwise the most relevant item that is left. So each choice a, given the slots
 * above it, has the propensity
 *
 *     (1 - w) [a is the most relevant left] + w weight(a) / (sum of the weights left)
 *
 * where w counts as 0 once the pool is exhausted, and as 1 once the relevant items are.
 *
 * The draws come from a generator that the policy's seed starts, so equal arguments give equal slates. With w = 0 nothing
 * is drawn: the slate is the most relevant items in order, each with propensity 1.
 */
export function fillSlate({ ranked, pool, size, policy }: SlateRequest): SlateSlot[] {
  const { explorationWeight, seed } = policy;
  if (explorationWeight === 0 || pool.length === 0) {
    return ranked.slice(0, size).map(({ itemId, score }) => ({ itemId, score, propensity: 1, explored: false }));
  }
  const random = seededRandom(seed);
  const draw = new ItemDraw(pool);
  const taken = new Set<string>();
  const slots: SlateSlot[] = [];
  let next = 0;
  while (slots.length < size) {
    while (next < ranked.length && taken.has(ranked[next]!.itemId)) next++;
    const relevant = ranked[next];
    if (relevant === undefined && draw.isEmpty) break;
    const weight = draw.isEmpty ? 0 : relevant === undefined ? 1 : explorationWeight;
    // Below 1 always and never below 0, so that neither 0 nor 1 is left to chance.
    const explored = random.uniform() < weight;
    const { itemId, score } = explored ? draw.item(random.uniform()) : relevant!;
    const byRelevance = itemId === relevant?.itemId ? 1 - weight : 0;
    slots.push({ itemId, score, propensity: byRelevance + weight * draw.share(itemId), explored });
    taken.add(itemId);
    draw.remove(itemId);
  }
  return slots;
}
