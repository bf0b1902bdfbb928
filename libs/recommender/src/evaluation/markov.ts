import type { History, Sequences } from '../data/sequences';
import type { SparseRows } from '../data/sparseRows';
import { popularityDistribution } from '../serving/popularity';
import { countTransitions } from '../serving/transitions';
import type { Ranker } from './evaluation';

/** What ranks the items that never followed; too small to overtake one that did in any row of under 1,000 counts. */
const POPULARITY_WEIGHT = 1e-3;

/**
 * Baseline: how often an item followed the latest items of the history. With weights [1] a first-order Markov chain;
 * with [1, 1/2, 1/3] the last three items count, for counting and for scoring alike.
 */
export class MarkovRanker implements Ranker {
  readonly name: string;
  readonly #transitions: SparseRows;
  readonly #rowSums: Float64Array;
  readonly #popularity: Float32Array;

  constructor(
    training: Sequences,
    itemCount: number,
    private readonly lagWeights: readonly number[] = [1],
  ) {
    this.name = lagWeights.length === 1 ? 'markov-1' : `markov-1-${lagWeights.length}`;
    this.#transitions = countTransitions(training, itemCount, lagWeights);
    this.#popularity = popularityDistribution(training, itemCount, false);
    const { offsets, values } = this.#transitions;
    this.#rowSums = Float64Array.from({ length: itemCount }, (_, row) =>
      values.subarray(offsets[row], offsets[row + 1]).reduce((sum, value) => sum + value, 0),
    );
  }

  score({ items }: History, out: Float32Array): void {
    const { offsets, columns, values } = this.#transitions;
    this.#popularity.forEach((share, item) => {
      out[item] = POPULARITY_WEIGHT * share;
    });
    for (let lag = 1; lag <= Math.min(this.lagWeights.length, items.length); lag++) {
      const row = items[items.length - lag]!;
      const scale = this.lagWeights[lag - 1]! / (this.#rowSums[row]! + 1e-9);
      for (let i = offsets[row]!; i < offsets[row + 1]!; i++) out[columns[i]!]! += scale * values[i]!;
    }
  }
}
