/**
 * What GetSolutionMetrics reports, by the API's names. Recommendations are the 25 best items; means over the test
 * users; coverage is the share of the catalogue that appears in anyone's 25.
 */
export interface SolutionMetrics {
  coverage: number;
  mean_reciprocal_rank_at_25: number;
  normalized_discounted_cumulative_gain_at_5: number;
  normalized_discounted_cumulative_gain_at_10: number;
  normalized_discounted_cumulative_gain_at_25: number;
  precision_at_5: number;
  precision_at_10: number;
  precision_at_25: number;
}

/** The literature's figures for the one next item: full ranking over the catalogue, means over the test users. */
export interface NextItemMetrics {
  hit_rate_at_10: number;
  normalized_discounted_cumulative_gain_at_10: number;
  recall_at_25: number;
  mean_reciprocal_rank: number;
}

/** How deep a list the API's metrics look at. */
export const LIST_LENGTH = 25;

/** The weight of a hit at a rank, counted from 1. */
const discount = (rank: number): number => 1 / Math.log2(1 + rank);

/** The share of the first `k` places that hold a hit. @param hitRanks ranks of the hits, counted from 1 */
export function precisionAt(k: number, hitRanks: readonly number[]): number {
  return hitRanks.filter((rank) => rank <= k).length / k;
}

/** One over the rank of the first hit, 0 without one. */
export function reciprocalRank(hitRanks: readonly number[]): number {
  return hitRanks.length === 0 ? 0 : 1 / Math.min(...hitRanks);
}

/**
 * Discounted gain of the hits in the first `k` places over that of the ideal list, which has all relevant items on top
 * (Järvelin and Kekäläinen, 2002; every relevant item gains 1).
 */
export function normalizedDiscountedCumulativeGainAt(
  k: number,
  hitRanks: readonly number[],
  relevantItems: number,
): number {
  const gain = hitRanks.reduce((sum, rank) => sum + (rank <= k ? discount(rank) : 0), 0);
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(k, relevantItems); rank++) ideal += discount(rank);
  return ideal === 0 ? 0 : gain / ideal;
}

/** Averages the API's metrics over users. */
export class SolutionMetricsAverage {
  #users = 0;
  #sums = { reciprocalRank: 0, gain5: 0, gain10: 0, gain25: 0, precision5: 0, precision10: 0, precision25: 0 };
  readonly #recommended = new Set<number>();

  /** @param catalogueSize how many items could be recommended */
  constructor(private readonly catalogueSize: number) {}

  /**
   * Counts one user.
   * @param recommended item indices, best first, at most 25
   * @param relevant the items of the held-out events
   * @returns the user's NDCG@10
   */
  add(recommended: readonly number[], relevant: ReadonlySet<number>): number {
    const hits = recommended.flatMap((item, place) => (relevant.has(item) ? [place + 1] : []));
    for (const item of recommended) this.#recommended.add(item);
    const sums = this.#sums;
    sums.reciprocalRank += reciprocalRank(hits);
    sums.gain5 += normalizedDiscountedCumulativeGainAt(5, hits, relevant.size);
    const gain10 = normalizedDiscountedCumulativeGainAt(10, hits, relevant.size);
    sums.gain10 += gain10;
    sums.gain25 += normalizedDiscountedCumulativeGainAt(25, hits, relevant.size);
    sums.precision5 += precisionAt(5, hits);
    sums.precision10 += precisionAt(10, hits);
    sums.precision25 += precisionAt(25, hits);
    this.#users++;
    return gain10;
  }

  result(): SolutionMetrics {
    const users = Math.max(1, this.#users);
    return {
      coverage: this.#recommended.size / this.catalogueSize,
      mean_reciprocal_rank_at_25: this.#sums.reciprocalRank / users,
      normalized_discounted_cumulative_gain_at_5: this.#sums.gain5 / users,
      normalized_discounted_cumulative_gain_at_10: this.#sums.gain10 / users,
      normalized_discounted_cumulative_gain_at_25: this.#sums.gain25 / users,
      precision_at_5: this.#sums.precision5 / users,
      precision_at_10: this.#sums.precision10 / users,
      precision_at_25: this.#sums.precision25 / users,
    };
  }
}

/** Averages the next-item figures over the ranks of the held-out items, counted from 1; ties make half ranks. */
export function nextItemMetrics(ranks: ArrayLike<number>): NextItemMetrics {
  const sums = { hits: 0, gain: 0, recall: 0, reciprocal: 0 };
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i]!;
    if (rank <= 10) {
      sums.hits++;
      sums.gain += discount(rank);
    }
    if (rank <= 25) sums.recall++;
    sums.reciprocal += 1 / rank;
  }
  const users = Math.max(1, ranks.length);
  return {
    hit_rate_at_10: sums.hits / users,
    normalized_discounted_cumulative_gain_at_10: sums.gain / users,
    recall_at_25: sums.recall / users,
    mean_reciprocal_rank: sums.reciprocal / users,
  };
}
