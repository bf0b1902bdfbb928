import type { Random } from '../data/random';
import { type Sequences, sequenceCount } from '../data/sequences';
import type { EventLayout, TrainingBatch } from './encoder';

/** `steps` events of each of `lanes` lanes; a step's lanes lie together. */
export interface LaneLayout extends EventLayout {
  readonly steps: number;
  readonly lanes: number;
  /** Per step: the lanes that begin a new history there. */
  readonly beginnings: readonly (readonly number[])[];
}

export interface LaneBatch extends LaneLayout, TrainingBatch {}

/** A stretch of one history: rows `start` to `end - 1` are inputs, each followed by its target. */
export interface Stretch {
  start: number;
  end: number;
}

export interface LaneSettings {
  lanes: number;
  /** Steps per batch. */
  steps: number;
  /** The longest stretch of a history that is read in one go. */
  maxHistory: number;
}

/**
 * One epoch of batches. Histories are read side by side in lanes, as in GRU4Rec's session-parallel batches (Hidasi et
 * al., 2016): where one ends the next begins at once, so no place is padding until the epoch runs out, and the hidden
 * state of a lane goes on from batch to batch, so that what lies further back than one batch still counts, without a
 * gradient. A history longer than `maxHistory` is cut into stretches at places drawn anew each epoch: a stretch starts
 * from the zero state, as serving does that far back, and no user holds up a lane at the end of the epoch.
 * @param eventWeights [events] weight of predicting that event
 */
export function* laneBatches(
  sequences: Sequences,
  eventWeights: Float32Array,
  settings: LaneSettings,
  random: Random,
): Generator<LaneBatch> {
  const { lanes, steps } = settings;
  const queue = stretches(sequences, settings.maxHistory, random);
  const order = random.shuffle(Int32Array.from(queue.keys()));
  let next = 0;
  const current: (Stretch | undefined)[] = new Array(lanes).fill(undefined);
  while (next < order.length || current.some((stretch) => stretch)) {
    const inputs = new Int32Array(steps * lanes);
    const inputRows = new Int32Array(steps * lanes).fill(-1);
    const beginnings: number[][] = Array.from({ length: steps }, () => []);
    const places: number[] = [];
    const rows: number[] = [];
    for (let step = 0; step < steps; step++) {
      for (let lane = 0; lane < lanes; lane++) {
        let stretch = current[lane];
        if (!stretch) {
          if (next === order.length) continue;
          stretch = { ...queue[order[next++]!]! };
          current[lane] = stretch;
          beginnings[step]!.push(lane);
        }
        inputs[step * lanes + lane] = sequences.items[stretch.start]!;
        inputRows[step * lanes + lane] = stretch.start;
        places.push(step * lanes + lane);
        rows.push(++stretch.start);
        if (stretch.start === stretch.end) current[lane] = undefined;
      }
    }
    yield {
      steps,
      lanes,
      inputs,
      inputRows,
      beginnings,
      places: Int32Array.from(places),
      targets: Int32Array.from(rows, (row) => sequences.items[row]!),
      targetRows: Int32Array.from(rows),
      weights: Float32Array.from(rows, (row) => eventWeights[row]!),
    };
  }
}

/** The number of predictions in one epoch: every event that has one before it in its history. */
export function predictionCount(sequences: Sequences): number {
  let predictions = 0;
  for (let sequence = 0; sequence < sequenceCount(sequences); sequence++) {
    predictions += Math.max(0, sequences.offsets[sequence + 1]! - sequences.offsets[sequence]! - 1);
  }
  return predictions;
}

/** The stretches of an epoch, long histories cut at places drawn anew. */
export function stretches({ offsets }: Sequences, maxHistory: number, random: Random): Stretch[] {
  const found: Stretch[] = [];
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    const last = offsets[sequence + 1]! - 1;
    let start = offsets[sequence]!;
    if (last - start > maxHistory) {
      const end = start + 1 + Math.floor(random.uniform() * maxHistory);
      found.push({ start, end });
      start = end;
    }
    for (; start < last; start += maxHistory) found.push({ start, end: Math.min(start + maxHistory, last) });
  }
  return found;
}
