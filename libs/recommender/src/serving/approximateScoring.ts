import type { Random } from '../data/random';
import { multiply } from '../networks/matrixVector';
import type { ItemScoring, ItemTilt, NetworkExpectation } from './itemScoring';
import type { HistoryState, Scorer } from './scorer';
import { type ScoredItem, topK } from './topK';
import { recall } from './transitions';

/** Finds items of high inner product with the network's output. What does it is native code, so it comes as an argument. */
export interface ItemIndex {
  /**
   * About the `count` items of highest `output . itemVector + itemBias`, in no order.
   * @param output [embedding]
   */
  search(output: Float32Array, count: number): Promise<ArrayLike<number>>;
}

/** Candidates at least. An index keeps as many on its way anyway, and the list of 25 lies among them. */
const LEAST_CANDIDATES = 500;

/** A tilt may lift an item from below what relevance alone would ask of the index. */
const LEAST_CANDIDATES_TILTED = 2_000;

/** Draws behind the estimate of the softmax's denominator. docs/benchmarks.md has its error. */
const SAMPLE_SIZE = 16_384;

/** The longest list, 500, behind the longest history of seen items, 2,000. */
const MOST_CANDIDATES = 2_500;

/** Items drawn with replacement, each counting for all those like it. */
interface WeightedSample {
  readonly items: Int32Array;
  /** [draws, embedding] */
  readonly vectors: Float32Array;
  /** [draws] */
  readonly bias: Float32Array;
  /** [draws] 1 / (draws * the item's probability in a draw) */
  readonly weights: Float32Array;
}

/** The network's distribution, as far as it was looked at: exact on `items`, a sample of the rest. */
interface Estimate {
  readonly output: Float32Array;
  readonly items: Int32Array;
  /** [items] */
  readonly logits: Float32Array;
  /** [draws] */
  readonly sampleLogits: Float32Array;
  readonly largest: number;
  /** Sum of exp(logit - largest) over the catalogue. */
  readonly sum: number;
}

/**
 * Scores without looking at the whole catalogue. What an index finds for the network's output, what followed the user's
 * latest items, and the most popular items are the candidates, and their logits and memory are exact. The softmax's
 * denominator is their exact sum and, for all others, an estimate without bias from a sample drawn once, as Mussmann and
 * Ermon do it ("Learning and Inference via Maximum Inner Product Search", ICML 2016); half of the draws go by popularity
 * instead of evenly, because popular items have the larger logits.
 */
export class ApproximateScoring implements ItemScoring {
  readonly #sample: WeightedSample;
  /** The most popular items, most popular first. */
  readonly #popular: Int32Array;
  readonly #isCandidate: Uint8Array;
  readonly #estimates = new WeakMap<HistoryState, Promise<Estimate>>();

  constructor(
    private readonly scorer: Scorer,
    private readonly index: ItemIndex,
    random: Random,
  ) {
    const { popularity } = scorer.model;
    this.#popular = Int32Array.from(topK(popularity, MOST_CANDIDATES), ({ item }) => item);
    this.#isCandidate = new Uint8Array(popularity.length);
    this.#sample = drawSample(scorer, random);
  }

  async top(state: HistoryState, size: number, excluded: ReadonlySet<number>, tilt?: ItemTilt): Promise<ScoredItem[]> {
    const least = tilt ? LEAST_CANDIDATES_TILTED : LEAST_CANDIDATES;
    const wanted = Math.min(MOST_CANDIDATES, Math.max(least, size + excluded.size));
    if (this.scorer.memoryShareOf(state) === 1) return this.#rank(state, this.#popular, size, excluded, tilt);
    const estimate = await this.#estimate(state, wanted);
    return this.#rank(state, estimate.items, size, excluded, tilt, estimate);
  }

  async scoresOf(state: HistoryState, items: readonly number[], tilt?: ItemTilt): Promise<readonly number[]> {
    if (this.scorer.memoryShareOf(state) === 1) return this.#score(state, Int32Array.from(items), tilt);
    return this.#score(state, Int32Array.from(items), tilt, await this.#estimate(state, LEAST_CANDIDATES));
  }

  async expectation(state: HistoryState): Promise<NetworkExpectation> {
    const { itemVectors, itemBias } = this.scorer.model.weights;
    const estimate = await this.#estimate(state, LEAST_CANDIDATES);
    const vector = new Float32Array(estimate.output.length);
    let bias = 0;
    const add = (share: number, vectors: Float32Array, row: number, itsBias: number) => {
      bias += share * itsBias;
      for (let i = 0, at = row * vector.length; i < vector.length; i++, at++) vector[i]! += share * vectors[at]!;
    };
    estimate.items.forEach((item, index) => {
      add(Math.exp(estimate.logits[index]! - estimate.largest) / estimate.sum, itemVectors, item, itemBias[item]!);
    });
    this.#forTail(estimate, (draw, weight) => {
      add(weight / estimate.sum, this.#sample.vectors, draw, this.#sample.bias[draw]!);
    });
    return { output: estimate.output, vector, bias, logNormaliser: estimate.largest + Math.log(estimate.sum) };
  }

  #rank(
    state: HistoryState,
    candidates: Int32Array,
    size: number,
    excluded: ReadonlySet<number>,
    tilt: ItemTilt | undefined,
    estimate?: Estimate,
  ): ScoredItem[] {
    const left = excluded.size === 0 ? candidates : candidates.filter((item) => !excluded.has(item));
    const scores = this.#score(state, left.sort(), tilt, estimate);
    return topK(scores, size).map(({ item, score }) => ({ item: left[item]!, score }));
  }

  /** The scores of some items; by popularity alone where there is no estimate of the network. */
  #score(state: HistoryState, items: Int32Array, tilt: ItemTilt | undefined, estimate?: Estimate): number[] {
    const { transitions, popularity } = this.scorer.model;
    const memoryShare = this.scorer.memoryShareOf(state);
    const recalled = recall(transitions, state.recent);
    const logits = estimate && this.scorer.logitsOf(estimate.output, items);
    const scores = Array.from(items, (item, index) => {
      const memory = (recalled.shares.get(item) ?? 0) + recalled.rest * popularity[item]!;
      const network = estimate ? Math.exp(logits![index]! - estimate.largest) / estimate.sum : 0;
      return (1 - memoryShare) * network + memoryShare * memory;
    });
    if (tilt === undefined) return scores;
    const { multipliers, mean } = tilt;
    let total = memoryShare * recalled.rest * mean;
    for (const [item, share] of recalled.shares) total += memoryShare * share * multipliers[item]!;
    if (estimate) total += (1 - memoryShare) * this.#meanMultiplier(estimate, multipliers);
    return scores.map((score, index) => (score * multipliers[items[index]!]!) / total);
  }

  /** The mean multiplier over the network's distribution. */
  #meanMultiplier(estimate: Estimate, multipliers: Float32Array): number {
    let sum = 0;
    estimate.items.forEach((item, index) => {
      sum += Math.exp(estimate.logits[index]! - estimate.largest) * multipliers[item]!;
    });
    this.#forTail(estimate, (draw, weight) => {
      sum += weight * multipliers[this.#sample.items[draw]!]!;
    });
    return sum / estimate.sum;
  }

  /** One search a state: its scores in a list, in a ranking and in an explanation have one denominator. */
  #estimate(state: HistoryState, wanted: number): Promise<Estimate> {
    const known = this.#estimates.get(state);
    if (known)
      return known.then((estimate) => (estimate.items.length >= wanted ? estimate : this.#search(state, wanted)));
    return this.#search(state, wanted);
  }

  #search(state: HistoryState, wanted: number): Promise<Estimate> {
    const output = this.scorer.output(state);
    const searching = this.index
      .search(output, wanted)
      .then((found) => this.#estimateFrom(state, output, found, wanted));
    this.#estimates.set(state, searching);
    searching.catch(() => this.#estimates.delete(state));
    return searching;
  }

  #estimateFrom(state: HistoryState, output: Float32Array, found: ArrayLike<number>, wanted: number): Estimate {
    const { shares } = recall(this.scorer.model.transitions, state.recent);
    const items = Int32Array.from(
      new Set([...Array.from(found), ...shares.keys(), ...this.#popular.subarray(0, wanted)]),
    );
    const logits = this.scorer.logitsOf(output, items);
    const { vectors, bias } = this.#sample;
    const sampleLogits = new Float32Array(bias.length);
    multiply(vectors, output, sampleLogits);
    let largest = Number.NEGATIVE_INFINITY;
    for (const logit of logits) largest = Math.max(largest, logit);
    for (let draw = 0; draw < bias.length; draw++) {
      sampleLogits[draw]! += bias[draw]!;
      largest = Math.max(largest, sampleLogits[draw]!);
    }
    let sum = 0;
    for (const logit of logits) sum += Math.exp(logit - largest);
    const estimate = { output, items, logits, sampleLogits, largest, sum };
    this.#forTail(estimate, (_draw, weight) => {
      sum += weight;
    });
    return { ...estimate, sum };
  }

  /** Passes each draw that is no candidate, with what it adds to the denominator. */
  #forTail(
    { items, sampleLogits, largest }: Pick<Estimate, 'items' | 'sampleLogits' | 'largest'>,
    pass: (draw: number, weight: number) => void,
  ): void {
    const { items: drawn, weights } = this.#sample;
    for (const item of items) this.#isCandidate[item] = 1;
    for (let draw = 0; draw < drawn.length; draw++) {
      if (this.#isCandidate[drawn[draw]!] === 1) continue;
      pass(draw, weights[draw]! * Math.exp(sampleLogits[draw]! - largest));
    }
    for (const item of items) this.#isCandidate[item] = 0;
  }
}

function drawSample({ model }: Scorer, random: Random): WeightedSample {
  const { weights, popularity } = model;
  const { itemVectors, itemBias } = weights;
  const count = popularity.length;
  const embedding = itemVectors.length / count;
  const items = drawItems(popularity, random);
  const sample = {
    items,
    vectors: new Float32Array(items.length * embedding),
    bias: Float32Array.from(items, (item) => itemBias[item]!),
    weights: Float32Array.from(items, (item) => 2 / (items.length * (popularity[item]! + 1 / count))),
  };
  items.forEach((item, draw) => {
    sample.vectors.set(itemVectors.subarray(item * embedding, (item + 1) * embedding), draw * embedding);
  });
  return sample;
}

/** Half of the draws by popularity, half evenly. */
function drawItems(popularity: Float32Array, random: Random): Int32Array {
  const sums = new Float64Array(popularity.length);
  let sum = 0;
  popularity.forEach((share, item) => {
    sum += share;
    sums[item] = sum;
  });
  return Int32Array.from({ length: SAMPLE_SIZE }, (_, draw) => {
    const at = random.uniform();
    if (draw % 2 === 0) return Math.floor(at * popularity.length);
    let [low, high] = [0, popularity.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < at * sum) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
