import type { Random } from '../data/random';
import { type History, type Sequences, sequenceCount } from '../data/sequences';
import { TIME_BUCKETS, timeBucket } from '../features/timeBuckets';
import type { EventLayout, TrainingBatch } from './encoder';
import { type Stretch, stretches } from './laneBatches';

/** The pair's bucket where the one event must not see the other. */
export const HIDDEN = TIME_BUCKETS;

/** Events in `lanes` rows of `length` places each, a lane's places together. */
export interface WindowLayout extends EventLayout {
  readonly lanes: number;
  readonly length: number;
  /**
   * [lanes * length * length] for each event, each other of its lane: the time bucket of the gap between them where the other
   * is of the same history and not later, else `HIDDEN`.
   */
  readonly pairs: Int32Array;
  /** [histories] places of the last event of each */
  readonly lasts: Int32Array;
}

export interface WindowBatch extends WindowLayout, TrainingBatch {}

export interface WindowSettings {
  lanes: number;
  /** Places in a lane; no stretch of a history is longer. */
  window: number;
}

/** Lanes that are filled side by side, so that a stretch that is too long for one may fit into another. */
const OPEN_LANES = 16;

/**
 * One epoch of batches. Histories are cut into stretches at places drawn anew each epoch, and stretches are packed into
 * lanes, several short ones in each (Krell et al., "Efficient sequence packing", 2021): no event sees another history's, and
 * little is padding.
 * @param eventWeights [events] weight of predicting that event
 */
export function* windowBatches(
  sequences: Sequences,
  eventWeights: Float32Array,
  { lanes, window }: WindowSettings,
  random: Random,
): Generator<WindowBatch> {
  const packed = pack(sequences, window, random);
  for (let start = 0; start < packed.length; start += lanes) {
    yield batchOf(sequences, eventWeights, packed.slice(start, start + lanes));
  }
}

/** The number of batches in an epoch, about: lanes are a tenth padding. */
export function windowBatchCount(sequences: Sequences, { lanes, window }: WindowSettings): number {
  const predictions = sequences.items.length - sequenceCount(sequences);
  return Math.max(1, Math.ceil((1.1 * predictions) / (lanes * window)));
}

/** Lays out histories to be read to their end, one in each lane. */
export function windowsOf(histories: readonly History[]): WindowLayout {
  const lanes = histories.length;
  const length = Math.max(...histories.map(({ items }) => items.length));
  const inputs = new Int32Array(lanes * length);
  const pairs = new Int32Array(lanes * length * length).fill(HIDDEN);
  histories.forEach(({ items, timestamps }, lane) => {
    inputs.set(items, lane * length);
    markPairs(pairs, timestamps, lane * length, 0, items.length, length);
  });
  const lasts = Int32Array.from(histories, ({ items }, lane) => lane * length + items.length - 1);
  showThemselves(pairs, length);
  return { lanes, length, inputs, pairs, lasts };
}

/** The stretches of each lane. */
function pack(sequences: Sequences, window: number, random: Random): Stretch[][] {
  const queue = stretches(sequences, window, random);
  const open: { stretches: Stretch[]; room: number }[] = [];
  const full: Stretch[][] = [];
  for (const index of random.shuffle(Int32Array.from(queue.keys()))) {
    const stretch = queue[index]!;
    const length = stretch.end - stretch.start;
    let lane = open.find(({ room }) => room >= length);
    if (!lane) {
      if (open.length === OPEN_LANES) full.push(open.shift()!.stretches);
      lane = { stretches: [], room: window };
      open.push(lane);
    }
    lane.stretches.push(stretch);
    lane.room -= length;
  }
  return [...full, ...open.map((lane) => lane.stretches)];
}

function batchOf(sequences: Sequences, eventWeights: Float32Array, packed: readonly Stretch[][]): WindowBatch {
  const lanes = packed.length;
  const used = packed.map((lane) => lane.reduce((sum, { start, end }) => sum + end - start, 0));
  const length = Math.max(...used);
  const inputs = new Int32Array(lanes * length);
  const inputRows = new Int32Array(lanes * length).fill(-1);
  const pairs = new Int32Array(lanes * length * length).fill(HIDDEN);
  const places: number[] = [];
  const lasts: number[] = [];
  packed.forEach((lane, index) => {
    let place = index * length;
    for (const { start, end } of lane) {
      const from = place - index * length;
      markPairs(pairs, sequences.timestamps.subarray(start, end), index * length, from, end - start, length);
      for (let row = start; row < end; row++, place++) {
        inputs[place] = sequences.items[row]!;
        inputRows[place] = row;
        places.push(place);
      }
      lasts.push(place - 1);
    }
  });
  showThemselves(pairs, length);
  const targetRows = Int32Array.from(places, (place) => inputRows[place]! + 1);
  return {
    lanes,
    length,
    inputs,
    inputRows,
    pairs,
    lasts: Int32Array.from(lasts),
    places: Int32Array.from(places),
    targets: targetRows.map((row) => sequences.items[row]!),
    targetRows,
    weights: Float32Array.from(targetRows, (row) => eventWeights[row]!),
  };
}

/**
 * Marks who sees whom within one stretch.
 * @param first place of the lane's first event
 * @param from where the stretch starts in the lane
 */
function markPairs(
  pairs: Int32Array,
  timestamps: Float64Array,
  first: number,
  from: number,
  count: number,
  length: number,
): void {
  for (let event = 0; event < count; event++) {
    const row = (first + from + event) * length + from;
    for (let other = 0; other <= event; other++) {
      pairs[row + other] = timeBucket(Math.max(0, timestamps[event]! - timestamps[other]!));
    }
  }
}

/** A place that sees nothing would have no softmax: idle places see themselves. */
function showThemselves(pairs: Int32Array, length: number): void {
  for (let place = 0; place * length < pairs.length; place++) {
    const own = place * length + (place % length);
    if (pairs[own] === HIDDEN) pairs[own] = 0;
  }
}
