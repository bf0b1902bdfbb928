import { type History, itemCounts, recencyWeights, type Sequences } from '../data/sequences';
import type { Ranker } from '../evaluation/evaluation';

/**
 * The probability that an item is the next one anybody touches: [items], sums to 1. One pseudo-count is spread evenly,
 * so that no item is impossible.
 * @param recencyMask whether recent events weigh more: the latest popularity trend
 * @param eventWeights [events] how much each counts. Default: each counts 1
 */
export function popularityDistribution(
  sequences: Sequences,
  itemCount: number,
  recencyMask: boolean,
  eventWeights?: Float32Array,
): Float32Array {
  const weights = recencyMask ? recencyWeights(sequences.timestamps) : undefined;
  const sums = new Float64Array(itemCount).fill(1 / itemCount);
  sequences.items.forEach((item, event) => {
    sums[item]! += (weights ? weights[event]! : 1) * (eventWeights ? eventWeights[event]! : 1);
  });
  const total = sums.reduce((sum, value) => sum + value, 0);
  return Float32Array.from(sums, (value) => value / total);
}

/** The logarithm of popularity against an even one: [items], the bias by which a softmax gives popularity. */
export function popularityBias(popularity: Float32Array): Float32Array {
  return popularity.map((share) => Math.log(share * popularity.length));
}

/** Baseline: the same list for everybody, most frequent items first. */
export class PopularityRanker implements Ranker {
  readonly name = 'popularity';
  readonly #counts: Float32Array;

  constructor(training: Sequences, itemCount: number) {
    this.#counts = Float32Array.from(itemCounts(training, itemCount));
  }

  score(_history: History, out: Float32Array): void {
    out.set(this.#counts);
  }
}
