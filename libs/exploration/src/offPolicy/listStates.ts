import type { ItemId } from '@attune/domain';
import type { FillRule } from './fillRule';

/** What the states of a list are gone through with. */
export interface StatesOptions {
  rule: FillRule;
  ranks: ReadonlyMap<ItemId, number>;
  weights: ReadonlyMap<ItemId, number>;
  /** The weight that the pool's other items leave after so many of them were drawn. */
  rest: Float64Array;
  /** Of one further item of the pool, which is asked for: states in which it was drawn are left out. 0 where there is none. */
  askedWeight: number;
}

/** How a list may have gone so far: which items are taken. */
interface State {
  /** All relevant items before this rank are taken. */
  rank: number;
  /** Ranks behind it that were drawn, ascending. */
  drawn: readonly number[];
  /** How many of the pool's other items were drawn. */
  others: number;
  probability: number;
  /** Whether the list that is asked about went this way. */
  actual: boolean;
}

/** Where relevant items fill the pool, ways grow with the powers of two: the least probable are then left to the others. */
const MOST_STATES = 64;

/** The ways in which a list can have come to a slot, with their probabilities. */
export class ListStates {
  private states: State[] = [{ rank: 0, drawn: [], others: 0, probability: 1, actual: true }];
  /** Weight in the pool of each relevant item, 0 where it is not there. */
  private readonly weightOfRank: Float64Array;
  private readonly pooledRanks: readonly number[];

  constructor(private readonly options: StatesOptions) {
    const { relevant } = options.rule;
    this.weightOfRank = Float64Array.from(relevant, ({ itemId }) => options.weights.get(itemId) ?? 0);
    this.pooledRanks = [...this.weightOfRank.keys()].filter((rank) => this.weightOfRank[rank]! > 0);
  }

  /**
   * The probability that this slot holds an item.
   * @param rank among the relevant items; undefined where it is the one that is asked for
   * @param weight in the pool
   */
  probabilityOf(rank: number | undefined, weight: number): number {
    let sum = 0;
    for (const state of this.states) {
      const { share, left } = this.chancesIn(state);
      if (rank === state.rank) sum += state.probability * (1 - share);
      const isLeft = rank === undefined || (rank >= state.rank && !state.drawn.includes(rank));
      if (isLeft && share > 0 && weight > 0) sum += (state.probability * share * weight) / left;
    }
    return sum;
  }

  /** Goes to the next slot. @param shown the rank of what the list that is asked about has in this one */
  goOn(shown: number | undefined): void {
    const following = new Map<string, State>();
    for (const state of this.states) {
      const { share, left } = this.chancesIn(state);
      const { rank, drawn, others, probability, actual } = state;
      const add = (next: Pick<State, 'rank' | 'drawn' | 'others'>, chance: number, isShown: boolean) => {
        if (chance > 0) reach(following, { ...next, probability: probability * chance, actual: actual && isShown });
      };
      const { length } = this.weightOfRank;
      const byRelevance = rank < length ? 1 - share : 0;
      const drawnNext = share > 0 && rank < length ? (share * this.weightOfRank[rank]!) / left : 0;
      add({ ...passed(rank + 1, drawn), others }, byRelevance + drawnNext, shown === rank);
      if (share === 0) continue;
      for (const behind of this.pooledRanks) {
        if (behind <= rank || drawn.includes(behind)) continue;
        const chance = (share * this.weightOfRank[behind]!) / left;
        add({ rank, drawn: [...drawn, behind].sort(ascending), others }, chance, shown === behind);
      }
      const rest = this.options.rest[others]!;
      add({ rank, drawn, others: others + 1 }, (share * rest) / left, shown === undefined);
    }
    this.states = mostProbable([...following.values()]);
  }

  /** The pool's share of the choice, and the weight that is left in it. */
  private chancesIn({ rank, drawn, others }: State): { share: number; left: number } {
    const { rest, askedWeight, rule } = this.options;
    let left = rest[others]! + askedWeight;
    for (const each of this.pooledRanks) if (each >= rank && !drawn.includes(each)) left += this.weightOfRank[each]!;
    const share = left === 0 ? 0 : rank < this.weightOfRank.length ? rule.explorationWeight : 1;
    return { share, left };
  }
}

const ascending = (one: number, other: number) => one - other;

/** A rank with those behind it that were drawn: what it meets is taken already, and passed. */
function passed(rank: number, drawn: readonly number[]): Pick<State, 'rank' | 'drawn'> {
  let [next, met] = [rank, 0];
  while (drawn[met] === next) {
    next++;
    met++;
  }
  return { rank: next, drawn: drawn.slice(met) };
}

function reach(states: Map<string, State>, state: State): void {
  const key = `${state.rank} ${state.others} ${state.drawn.join(' ')}`;
  const there = states.get(key);
  if (there === undefined) {
    states.set(key, state);
    return;
  }
  there.probability += state.probability;
  there.actual ||= state.actual;
}

/** The most probable of many, and the actual one, with the probability of all. */
function mostProbable(states: State[]): State[] {
  if (states.length <= MOST_STATES) return states;
  const sorted = states.sort((one, other) => other.probability - one.probability);
  const kept = [...sorted.slice(0, MOST_STATES), ...sorted.slice(MOST_STATES).filter(({ actual }) => actual)];
  const total = (of: readonly State[]) => of.reduce((sum, { probability }) => sum + probability, 0);
  const scale = total(states) / total(kept);
  return kept.map((state) => ({ ...state, probability: state.probability * scale }));
}
