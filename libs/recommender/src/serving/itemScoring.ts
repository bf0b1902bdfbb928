import type { HistoryState, Scorer } from './scorer';
import { type ScoredItem, topK } from './topK';

/**
 * Multipliers of the items' scores, by which a campaign leans away from pure relevance. Tilted scores are divided by their
 * sum, so that they add up to 1 over the catalogue again.
 */
export interface ItemTilt {
  /** [items] above 0 */
  readonly multipliers: Float32Array;
  /** The mean multiplier, items weighted by their popularity. */
  readonly mean: number;
}

/** What the network expects of the next item, over its own distribution. */
export interface NetworkExpectation {
  /** The network's output: [embedding] */
  readonly output: Float32Array;
  /** The mean item vector: [embedding] */
  readonly vector: Float32Array;
  /** The mean item bias. */
  readonly bias: number;
  /** The logarithm of the softmax's denominator. */
  readonly logNormaliser: number;
}

/** Scores items for what is known of a user: all of them, or those that an index finds. */
export interface ItemScoring {
  /**
   * The items of highest score, best first.
   * @param size the most there can be
   * @param excluded items that may not be listed
   */
  top(
    state: HistoryState,
    size: number,
    excluded: ReadonlySet<number>,
    tilt?: ItemTilt,
  ): ScoredItem[] | Promise<ScoredItem[]>;
  /** The scores of these items, in their order. */
  scoresOf(
    state: HistoryState,
    items: readonly number[],
    tilt?: ItemTilt,
  ): readonly number[] | Promise<readonly number[]>;
  /** @param state of someone who has touched something */
  expectation(state: HistoryState): NetworkExpectation | Promise<NetworkExpectation>;
}

/** Scores the whole catalogue, each time. */
export class ExactScoring implements ItemScoring {
  readonly #scores: Float32Array;
  /** What the scores are of. A list and what it is mixed with are scored once. */
  #scored: { state: HistoryState; tilt: ItemTilt | undefined } | undefined;

  constructor(private readonly scorer: Scorer) {
    this.#scores = new Float32Array(scorer.items.ids.length);
  }

  top(state: HistoryState, size: number, excluded: ReadonlySet<number>, tilt?: ItemTilt): ScoredItem[] {
    return topK(this.#score(state, tilt), size, (item) => excluded.has(item));
  }

  scoresOf(state: HistoryState, items: readonly number[], tilt?: ItemTilt): readonly number[] {
    const scores = this.#score(state, tilt);
    return items.map((item) => scores[item]!);
  }

  expectation(state: HistoryState): NetworkExpectation {
    const { itemVectors, itemBias } = this.scorer.model.weights;
    this.#scored = undefined;
    const output = this.scorer.output(state);
    const logNormaliser = this.scorer.networkProbabilities(output, this.#scores);
    const vector = new Float32Array(output.length);
    let bias = 0;
    for (let item = 0; item < itemBias.length; item++) {
      const probability = this.#scores[item]!;
      bias += probability * itemBias[item]!;
      for (let i = 0, at = item * vector.length; i < vector.length; i++, at++)
        vector[i]! += probability * itemVectors[at]!;
    }
    return { output, vector, bias, logNormaliser };
  }

  #score(state: HistoryState, tilt: ItemTilt | undefined): Float32Array {
    if (this.#scored?.state === state && this.#scored.tilt === tilt) return this.#scores;
    const scores = this.scorer.score(state, this.#scores);
    this.#scored = { state, tilt };
    if (tilt === undefined) return scores;
    let sum = 0;
    for (let item = 0; item < scores.length; item++) {
      scores[item]! *= tilt.multipliers[item]!;
      sum += scores[item]!;
    }
    for (let item = 0; item < scores.length; item++) scores[item]! /= sum;
    return scores;
  }
}
