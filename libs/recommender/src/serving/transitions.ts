import { countingOffsets } from '../data/dataset';
import { GrowableColumn } from '../data/growableColumn';
import type { Sequences } from '../data/sequences';
import type { SparseRows } from '../data/sparseRows';

/** The weight of a transition over one to ten steps, 1/steps: what was touched last says most about what comes next. */
export const LAG_WEIGHTS: readonly number[] = Array.from({ length: 10 }, (_, lag) => 1 / (lag + 1));

/**
 * What a transition counts for the way back. Who reads the second volume often reads the first one next, but more often it was
 * read before.
 */
const BACKWARD_SHARE = 1 / 2;

/** What follows one item, and what comes before it. */
interface TransitionRow {
  /** Falling by count, so that the heaviest come first. Valid until the next row. */
  readonly columns: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Counts which item follows which: each pair of events `lag` steps apart in a sequence adds `lagWeights[lag - 1]` to
 * row of the earlier, column of the later item. Row by row, so that memory grows with the events, 8 bytes each, and not with the pairs.
 * @param backwardShare how much of it each pair adds to row of the later, column of the earlier item
 * @param eventWeights [events] how much an event counts as what follows. Default: each counts 1
 */
function* transitionRows(
  { offsets, items }: Sequences,
  itemCount: number,
  lagWeights: readonly number[],
  backwardShare: number,
  eventWeights?: Float32Array,
): Generator<TransitionRow> {
  const starts = countingOffsets(items, itemCount);
  const next = starts.slice();
  const places = new Int32Array(items.length);
  const sequenceOf = new Int32Array(items.length);
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    for (let place = offsets[sequence]!; place < offsets[sequence + 1]!; place++) {
      places[next[items[place]!]!++] = place;
      sequenceOf[place] = sequence;
    }
  }
  const sums = new Float64Array(itemCount);
  let columns: number[] = [];
  const add = (place: number, lagWeight: number) => {
    const weight = eventWeights ? eventWeights[place]! * lagWeight : lagWeight;
    if (weight === 0) return;
    const column = items[place]!;
    if (sums[column] === 0) columns.push(column);
    sums[column]! += weight;
  };
  for (let row = 0; row < itemCount; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const place = places[i]!;
      const [start, end] = [offsets[sequenceOf[place]!]!, offsets[sequenceOf[place]! + 1]!];
      for (let lag = 1; lag <= lagWeights.length; lag++) {
        if (place + lag < end) add(place + lag, lagWeights[lag - 1]!);
        if (backwardShare > 0 && place - lag >= start) add(place - lag, backwardShare * lagWeights[lag - 1]!);
      }
    }
    columns.sort((a, b) => sums[b]! - sums[a]! || a - b);
    yield { columns, counts: columns.map((column) => sums[column]!) };
    for (const column of columns) sums[column] = 0;
    columns = [];
  }
}

/** The same as a matrix. */
export function countTransitions(
  sequences: Sequences,
  itemCount: number,
  lagWeights: readonly number[],
  backwardShare = 0,
): SparseRows {
  const offsets = new Int32Array(itemCount + 1);
  const columns = new GrowableColumn(Int32Array);
  const values = new GrowableColumn(Float32Array);
  let row = 0;
  for (const counted of transitionRows(sequences, itemCount, lagWeights, backwardShare)) {
    for (const column of counted.columns) columns.push(column);
    for (const count of counted.counts) values.push(count);
    offsets[++row] = columns.length;
  }
  return { offsets, columns: columns.view(), values: values.view() };
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

/**
 * Learns the transition memory of the sequences.
 * @param eventWeights [events] how much each counts as what follows. Default: each counts 1
 */
export function learnTransitions(
  sequences: Sequences,
  itemCount: number,
  eventWeights?: Float32Array,
): TransitionMemory {
  const offsets = new Int32Array(itemCount + 1);
  const columns = new GrowableColumn(Int32Array);
  const values = new GrowableColumn(Float32Array);
  let row = 0;
  for (const counted of transitionRows(sequences, itemCount, LAG_WEIGHTS, BACKWARD_SHARE, eventWeights)) {
    const total = counted.counts.reduce((sum, count) => sum + count, PSEUDO_COUNTS);
    for (const column of counted.columns.slice(0, MOST_FOLLOWERS)) columns.push(column);
    for (const count of counted.counts.slice(0, MOST_FOLLOWERS)) values.push(count / total);
    offsets[++row] = columns.length;
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
