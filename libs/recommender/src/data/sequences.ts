import type { EventFacts } from './eventColumns';

/** Histories of many users, one after the other: sequence `s` is rows `offsets[s]` to `offsets[s + 1] - 1`, oldest first. */
export interface Sequences {
  /** [sequences + 1] */
  readonly offsets: Int32Array;
  /** [events] item index */
  readonly items: Int32Array;
  /** [events] milliseconds since the epoch */
  readonly timestamps: Float64Array;
  /** [events] row of the dataset. Absent: they are the dataset's own, one by one */
  readonly rows?: Int32Array;
}

/** What one user did, oldest first. */
export interface History {
  /** [events] item index */
  readonly items: Int32Array;
  /** [events] milliseconds since the epoch */
  readonly timestamps: Float64Array;
  /** [events] row of the dataset. Absent for events of no dataset */
  readonly rows?: Int32Array;
  /** What else is known of the events. Absent for events of a dataset, which knows it. */
  readonly facts?: readonly EventFacts[];
}

/** One event of a history. What else is known of it counts where the model has learned from it. */
export interface HistoryEvent extends EventFacts {
  /** Item index. */
  readonly item: number;
}

/** Events as a history. @param events oldest first */
export function historyOf(events: readonly HistoryEvent[]): History {
  return {
    items: Int32Array.from(events, ({ item }) => item),
    timestamps: Float64Array.from(events, ({ timestamp }) => timestamp),
    facts: events,
  };
}

/** The latest `count` events of a history. */
export function latestOf({ items, timestamps, rows, facts }: History, count: number): History {
  const start = Math.max(0, items.length - count);
  return {
    items: items.subarray(start),
    timestamps: timestamps.subarray(start),
    ...(rows && { rows: rows.subarray(start) }),
    ...(facts && { facts: facts.slice(start) }),
  };
}

/** The number of sequences. */
export const sequenceCount = ({ offsets }: Pick<Sequences, 'offsets'>): number => offsets.length - 1;

/** [events] the weight of each event of some of a dataset's sequences. @param eventWeights [interactions] of the dataset */
export function eventWeightsOf({ items, rows }: Sequences, eventWeights: Float32Array): Float32Array {
  return Float32Array.from(items, (_, event) => eventWeights[rows ? rows[event]! : event]!);
}

/** How often each item occurs: [items]. */
export function itemCounts(sequences: Sequences, itemCount: number): Int32Array {
  const counts = new Int32Array(itemCount);
  for (const item of sequences.items) counts[item]!++;
  return counts;
}

/** The share of events whose item the same user had touched before: near 0 for films watched, high for songs heard. */
export function repeatRate({ offsets, items }: Sequences, itemCount: number): number {
  const lastSequence = new Int32Array(itemCount).fill(-1);
  let repeats = 0;
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    for (let row = offsets[sequence]!; row < offsets[sequence + 1]!; row++) {
      const item = items[row]!;
      if (lastSequence[item] === sequence) repeats++;
      lastSequence[item] = sequence;
    }
  }
  return items.length === 0 ? 0 : repeats / items.length;
}

/**
 * A weight per event for recency_mask: the newest event weighs 1, the oldest half as much, and the weights are then
 * scaled to a mean of 1. Age is counted in interactions that came later and not in days, so that it works for data of one week, of ten years, and of mere order alike.
 */
export function recencyWeights(timestamps: Float64Array): Float32Array {
  const sorted = timestamps.slice().sort();
  const weights = new Float32Array(timestamps.length);
  let sum = 0;
  for (let row = 0; row < timestamps.length; row++) {
    const later = 1 - countNotAfter(sorted, timestamps[row]!) / timestamps.length;
    weights[row] = 2 ** (-later / RECENCY_HALF_LIFE);
    sum += weights[row]!;
  }
  const scale = timestamps.length / sum;
  return weights.map((weight) => weight * scale);
}

/** Share of the interactions after which an event has half its weight. */
const RECENCY_HALF_LIFE = 1;

/** How many of the sorted values are not greater than `limit`. */
function countNotAfter(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
