import { GrowableColumn } from './growableColumn';
import type { Sequences } from './sequences';
import { type SparseRows, sumEntries } from './sparseRows';

/** The weight of a transition over one to ten steps, 1/steps: what was touched last says most about what comes next. */
export const LAG_WEIGHTS: readonly number[] = Array.from({ length: 10 }, (_, lag) => 1 / (lag + 1));

/**
 * What a transition counts for the way back. Who reads the second volume often reads the first one next, but more often it was
 * read before.
 */
const BACKWARD_SHARE = 1 / 2;

/**
 * Counts which item follows which: each pair of events `lag` steps apart in a sequence adds `lagWeights[lag - 1]` to
 * row of the earlier, column of the later item.
 * @param backwardShare how much of it each pair adds to row of the later, column of the earlier item
 */
export function countTransitions(
  { offsets, items }: Sequences,
  itemCount: number,
  lagWeights: readonly number[],
  backwardShare = 0,
): SparseRows {
  const rows = new GrowableColumn(Int32Array);
  const columns = new GrowableColumn(Int32Array);
  const values = new GrowableColumn(Float32Array);
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    for (let row = offsets[sequence]!; row < offsets[sequence + 1]!; row++) {
      for (let lag = 1; lag <= lagWeights.length && row - lag >= offsets[sequence]!; lag++) {
        const [earlier, later, weight] = [items[row - lag]!, items[row]!, lagWeights[lag - 1]!];
        rows.push(earlier);
        columns.push(later);
        values.push(weight);
        if (backwardShare === 0) continue;
        rows.push(later);
        columns.push(earlier);
        values.push(backwardShare * weight);
      }
    }
  }
  return sumEntries({ rows: rows.view(), columns: columns.view(), values: values.view() }, itemCount);
}

/**
 * What the recipe remembers beside its network: near item `i`, item `j` comes next with probability
 *
 *     P(j | i) = followers.values[i -> j] + (1 - sum of i's values) * popularity[j]
 *
 * where the values are counts of `j` up to ten steps after `i`, and half as much before it, over (all counts of i + 20): 20 pseudo-counts that fall to popularity, as does what was
 * cut beyond the most frequent followers. Every row sums to 1.
 */
export interface TransitionMemory {
  readonly followers: SparseRows;
}

const PSEUDO_COUNTS = 20;

/** Enough that what is cut weighs little, few enough that 100,000 items take at most 160 MB. */
const MOST_FOLLOWERS = 200;

/** Learns the transition memory of the sequences. */
export function learnTransitions(sequences: Sequences, itemCount: number): TransitionMemory {
  const counts = countTransitions(sequences, itemCount, LAG_WEIGHTS, BACKWARD_SHARE);
  const offsets = new Int32Array(itemCount + 1);
  const columns = new GrowableColumn(Int32Array);
  const values = new GrowableColumn(Float32Array);
  for (let row = 0; row < itemCount; row++) {
    const rowCounts = counts.values.subarray(counts.offsets[row], counts.offsets[row + 1]);
    const total = rowCounts.reduce((sum, count) => sum + count, PSEUDO_COUNTS);
    rowCounts.subarray(0, MOST_FOLLOWERS).forEach((count, index) => {
      columns.push(counts.columns[counts.offsets[row]! + index]!);
      values.push(count / total);
    });
    offsets[row + 1] = columns.length;
  }
  return { followers: { offsets, columns: columns.view(), values: values.view() } };
}

/** What the memory says after some items: P(j) = shares[j] + rest * popularity[j]. */
export interface Recalled {
  /** By item; those that are not there have none. */
  readonly shares: ReadonlyMap<number, number>;
  readonly rest: number;
}

/**
 * The memory's distribution over the next item, without its popular rest spelled out.
 * @param recent item indices, newest first; the first ten count, weighted 1, 1/2, .. 1/10
 */
export function recall(memory: TransitionMemory, recent: ArrayLike<number>): Recalled {
  const { offsets, columns, values } = memory.followers;
  const shares = new Map<number, number>();
  let remembered = 0;
  lagShares(recent.length).forEach((share, lag) => {
    const row = recent[lag]!;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      shares.set(columns[i]!, (shares.get(columns[i]!) ?? 0) + share * values[i]!);
      remembered += share * values[i]!;
    }
  });
  return { shares, rest: 1 - remembered };
}

/** How much each of the latest items counts, newest first; they sum to 1. @param known how many there are */
export function lagShares(known: number): readonly number[] {
  const weights = LAG_WEIGHTS.slice(0, known);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Adds `weight` times the memory's distribution over the next item to `out`, which sums to `weight` more afterwards.
 * @param recent item indices, newest first; the first ten count, weighted 1, 1/2, .. 1/10
 * @param popularity [items] sums to 1; all that is known where `recent` is empty
 */
export function addTransitionProbabilities(
  memory: TransitionMemory,
  popularity: Float32Array,
  recent: ArrayLike<number>,
  weight: number,
  out: Float32Array,
): void {
  const { offsets, columns, values } = memory.followers;
  const lags = Math.min(recent.length, LAG_WEIGHTS.length);
  const lagSum = LAG_WEIGHTS.slice(0, lags).reduce((sum, lagWeight) => sum + lagWeight, 0);
  let remembered = 0;
  for (let lag = 0; lag < lags; lag++) {
    const share = (weight * LAG_WEIGHTS[lag]!) / lagSum;
    const row = recent[lag]!;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      out[columns[i]!]! += share * values[i]!;
      remembered += share * values[i]!;
    }
  }
  const rest = weight - remembered;
  for (let item = 0; item < out.length; item++) out[item]! += rest * popularity[item]!;
}
