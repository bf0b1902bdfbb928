import { rankOf } from './evaluation';
import {
  nextItemMetrics,
  normalizedDiscountedCumulativeGainAt,
  precisionAt,
  reciprocalRank,
  SolutionMetricsAverage,
} from './metrics';

describe("the API documentation's example: hits at ranks 2 and 5 of a list of 5", () => {
  const hits = [2, 5];

  test('precision@5 is 0.4', () => expect(precisionAt(5, hits)).toBe(0.4));
  test('the reciprocal rank is 0.5', () => expect(reciprocalRank(hits)).toBe(0.5));
  test('NDCG@5 is 0.6241', () => expect(normalizedDiscountedCumulativeGainAt(5, hits, 2)).toBeCloseTo(0.6241, 4));
});

describe('without a hit', () => {
  test('every figure is 0', () => {
    expect(precisionAt(5, [])).toBe(0);
    expect(reciprocalRank([])).toBe(0);
    expect(normalizedDiscountedCumulativeGainAt(5, [], 2)).toBe(0);
  });

  test('a hit beyond the cut-off counts for nothing', () => {
    expect(precisionAt(5, [6])).toBe(0);
    expect(normalizedDiscountedCumulativeGainAt(5, [6], 1)).toBe(0);
  });
});

test('NDCG is 1 for the ideal list, also where there are more relevant items than places', () => {
  expect(normalizedDiscountedCumulativeGainAt(3, [1, 2, 3], 3)).toBeCloseTo(1, 12);
  expect(normalizedDiscountedCumulativeGainAt(3, [1, 2, 3], 10)).toBeCloseTo(1, 12);
});

test('the metrics of a solution are means over users, and coverage counts distinct recommended items', () => {
  const average = new SolutionMetricsAverage(10);
  average.add([7, 1, 8, 9, 2], new Set([1, 2]));
  average.add([7, 3, 8, 9, 4], new Set([5]));
  expect(average.result()).toMatchObject({
    coverage: 0.7,
    mean_reciprocal_rank_at_25: 0.25,
    precision_at_5: 0.2,
    precision_at_25: 0.04,
    normalized_discounted_cumulative_gain_at_5: expect.closeTo(0.6241 / 2, 4),
  });
});

test('next-item figures: hits within 10, recall within 25, gain 1/log2(1 + rank)', () => {
  expect(nextItemMetrics([1, 3, 11, 100])).toEqual({
    hit_rate_at_10: 0.5,
    normalized_discounted_cumulative_gain_at_10: expect.closeTo((1 + 0.5) / 4, 12),
    recall_at_25: 0.75,
    mean_reciprocal_rank: expect.closeTo((1 + 1 / 3 + 1 / 11 + 1 / 100) / 4, 12),
  });
});

test('items of equal score share the middle of their ranks', () => {
  expect(rankOf(1, [0.9, 0.5, 0.1])).toBe(2);
  expect(rankOf(1, [0.5, 0.5, 0.5])).toBe(2);
  expect(rankOf(0, [0.5, 0.5, 0.9, 0.1])).toBe(2.5);
});
