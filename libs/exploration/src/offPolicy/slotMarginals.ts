import type { ItemId } from '@attune/domain';
import { seededRandom } from '../seededRandom';
import type { FillRule } from './fillRule';

/** How many orders of the pool are averaged over. */
const ORDERS = 16;

/**
 * The probability that each slot of a list holds the item that it holds, whatever the slots above hold.
 *
 * A pool's items leave it in the order of independent exponential times whose rates are the weights, so one order of the pool
 * stands for all draws of a list (Efraimidis and Spirakis 2006). Given the order, what a list holds down to a slot follows from
 * how far it has gone in the relevant items and in the order: those few states are gone through with their exact
 * probabilities, and in each the next item's probability is exact, too. Only the order is sampled, so the first slot is exact and
 * the others nearly so. Equal seeds give an item the same times in every pool, so equal rules have equal marginals.
 * @param items of the slots, from the top
 */
export function slotMarginals(rule: FillRule, items: readonly ItemId[], seed: string, orders = ORDERS): number[] {
  const sums = items.map(() => 0);
  const sampled = rule.pool.length > 1 && rule.explorationWeight > 0 ? orders : 1;
  const ranks = new Map(rule.relevant.map(({ itemId }, rank) => [itemId, rank]));
  for (let sample = 0; sample < sampled; sample++) {
    addMarginals(rule.explorationWeight, items, drawOrder(rule, ranks, `${seed} ${sample}`), ranks, sums);
  }
  return sums.map((sum) => sum / sampled);
}

/** The pool in one of its orders, with what the walk down a list needs of it. */
interface Order {
  places: ReadonlyMap<ItemId, number>;
  weights: Float64Array;
  /** Sum of the weights from each place on. */
  from: Float64Array;
  /** Among the relevant items; Infinity where the item is not one of them. */
  ranks: Float64Array;
  /** Place in the order of each relevant item; Infinity where it is not in the pool. */
  placeOfRank: Float64Array;
}

function drawOrder({ relevant, pool }: FillRule, rankOf: ReadonlyMap<ItemId, number>, seed: string): Order {
  const timed = pool.map(({ itemId, weight }) => ({
    itemId,
    weight,
    time: -Math.log(1 - seededRandom(`${seed} ${itemId}`).uniform()) / weight,
  }));
  timed.sort((one, other) => one.time - other.time);
  const order = {
    places: new Map(timed.map(({ itemId }, place) => [itemId, place])),
    weights: Float64Array.from(timed, ({ weight }) => weight),
    from: new Float64Array(pool.length + 1),
    ranks: Float64Array.from(timed, ({ itemId }) => rankOf.get(itemId) ?? Number.POSITIVE_INFINITY),
    placeOfRank: new Float64Array(relevant.length).fill(Number.POSITIVE_INFINITY),
  };
  for (let place = pool.length - 1; place >= 0; place--) {
    order.from[place] = order.from[place + 1]! + order.weights[place]!;
    if (order.ranks[place]! < relevant.length) order.placeOfRank[order.ranks[place]!] = place;
  }
  return order;
}

/** How far a list has gone: the relevant items before `rank` and the order's before `place` are taken, and no others. */
interface State {
  rank: number;
  place: number;
  probability: number;
}

function addMarginals(
  explorationWeight: number,
  items: readonly ItemId[],
  order: Order,
  ranks: ReadonlyMap<ItemId, number>,
  sums: number[],
): void {
  const [relevantCount, poolSize] = [order.placeOfRank.length, order.weights.length];
  let states: State[] = [{ rank: 0, place: 0, probability: 1 }];
  items.forEach((item, slot) => {
    const following = new Map<number, State>();
    const rank = ranks.get(item) ?? Number.POSITIVE_INFINITY;
    const place = order.places.get(item) ?? Number.POSITIVE_INFINITY;
    for (const state of states) {
      const anyRelevant = state.rank < relevantCount;
      const share = state.place >= poolSize ? 0 : anyRelevant ? explorationWeight : 1;
      if (rank === state.rank) sums[slot]! += state.probability * (1 - share);
      const isLeft = place < poolSize && place >= state.place && rank >= state.rank;
      if (share > 0 && isLeft) {
        sums[slot]! += (state.probability * share * order.weights[place]!) / weightLeft(order, state);
      }
      if (anyRelevant) reach(following, order, state.rank + 1, state.place, state.probability * (1 - share));
      if (share > 0) reach(following, order, state.rank, state.place + 1, state.probability * share);
    }
    states = [...following.values()];
  });
}

/** The state after a choice: items that the other way had taken already are passed over. */
function reach(
  states: Map<number, State>,
  order: Order,
  rankAfter: number,
  placeAfter: number,
  probability: number,
): void {
  if (probability === 0) return;
  let [rank, place] = [rankAfter, placeAfter];
  while (rank < order.placeOfRank.length && order.placeOfRank[rank]! < place) rank++;
  while (place < order.weights.length && order.ranks[place]! < rank) place++;
  const key = rank * (order.weights.length + 1) + place;
  const there = states.get(key);
  if (there) there.probability += probability;
  else states.set(key, { rank, place, probability });
}

function weightLeft(order: Order, { rank, place }: State): number {
  let left = order.from[place]!;
  for (let taken = 0; taken < rank; taken++) {
    const placeOfTaken = order.placeOfRank[taken]!;
    if (placeOfTaken >= place && placeOfTaken < order.weights.length) left -= order.weights[placeOfTaken]!;
  }
  return left;
}
