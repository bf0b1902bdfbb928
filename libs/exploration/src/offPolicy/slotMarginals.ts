import type { ItemId } from '@attune/domain';
import { seededRandom } from '../seededRandom';
import type { FillRule } from './fillRule';
import { ListStates } from './listStates';

/** How many orders of the items that are not relevant are averaged over: only the weight that is left hangs on it. */
const ORDERS = 4;

/**
 * The probability that each slot of a list holds the item that it holds, whatever the slots above hold.
 *
 * All the ways in which a list can go down to a slot are gone through, but for one thing: which of the pool's other items, neither relevant nor
 * asked for, were drawn. Of these it matters alone how much weight they leave, and that is averaged over a few of their orders,
 * drawn as independent exponential times whose rates are the weights (Efraimidis and Spirakis 2006). So the first slot is exact and
 * the others nearly so, and none is 0. Equal seeds give an item the same times in every pool, so equal rules have equal
 * marginals.
 * @param items of the slots, from the top
 */
export function slotMarginals(rule: FillRule, items: readonly ItemId[], seed: string, orders = ORDERS): number[] {
  const sums = items.map(() => 0);
  const ranks = new Map(rule.relevant.map(({ itemId }, rank) => [itemId, rank]));
  const weights = new Map(rule.pool.map(({ itemId, weight }) => [itemId, weight]));
  const others = rule.pool.filter(({ itemId }) => !ranks.has(itemId));
  const explores = rule.explorationWeight > 0 && others.length > 1;
  const unranked = [...new Set(items)].filter((item) => !ranks.has(item) && weights.has(item));
  const count = explores ? orders : 1;
  for (let sample = 0; sample < count; sample++) {
    const order = inDrawnOrder(others, `${seed} ${sample}`);
    for (const asked of [undefined, ...unranked]) {
      const rest = restOf(order.filter(({ itemId }) => itemId !== asked));
      const askedWeight = asked === undefined ? 0 : weights.get(asked)!;
      const states = new ListStates({ rule, ranks, weights, rest, askedWeight });
      // For items that are relevant one walk is enough; each other one is kept apart in a walk of its own.
      const isMeant = (item: ItemId) => (asked === undefined ? ranks.has(item) : item === asked);
      const last = items.findLastIndex(isMeant);
      for (let slot = 0; slot <= last; slot++) {
        const item = items[slot]!;
        if (isMeant(item)) sums[slot]! += states.probabilityOf(ranks.get(item), weights.get(item) ?? 0);
        if (slot < last) states.goOn(ranks.get(item));
      }
    }
  }
  return sums.map((sum) => sum / count);
}

interface Weighted {
  itemId: ItemId;
  weight: number;
}

function inDrawnOrder(items: readonly Weighted[], seed: string): readonly Weighted[] {
  const timed = items.map(({ itemId, weight }) => ({
    itemId,
    weight,
    time: -Math.log(1 - seededRandom(`${seed} ${itemId}`).uniform()) / weight,
  }));
  return timed.sort((one, other) => one.time - other.time);
}

/** The weight that is left after so many draws: [items + 1]. */
function restOf(order: readonly Weighted[]): Float64Array {
  const rest = new Float64Array(order.length + 1);
  for (let place = order.length - 1; place >= 0; place--) rest[place] = rest[place + 1]! + order[place]!.weight;
  return rest;
}
