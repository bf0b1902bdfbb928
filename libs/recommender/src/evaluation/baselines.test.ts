import { historyOf, recencyWeights, repeatRate, type Sequences } from '../data/sequences';
import { PopularityRanker, popularityDistribution } from '../serving/popularity';
import type { Ranker } from './evaluation';
import { evaluateLeaveOneOut } from './evaluation';
import { ItemKnnRanker } from './itemKnn';
import { MarkovRanker } from './markov';

/** Three users over four items: 0 1 2, 0 1, 3 1 3. */
const training: Sequences = {
  offsets: Int32Array.of(0, 3, 5, 8),
  items: Int32Array.of(0, 1, 2, 0, 1, 3, 1, 3),
  timestamps: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
};

function scoresOf(ranker: Ranker, ...history: number[]): number[] {
  const out = new Float32Array(4);
  ranker.score(historyOf(history.map((item, timestamp) => ({ item, timestamp }))), out);
  return Array.from(out);
}

function expectClose(actual: number[], expected: number[]): void {
  for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
}

test('popularity ranks by count', () => {
  expect(scoresOf(new PopularityRanker(training, 4), 2)).toEqual([2, 3, 1, 2]);
});

test('item-kNN sums the cosines of who touched what', () => {
  // Users of 0: a b; of 1: a b c; of 2: a; of 3: c.
  const [between0And1, between1And2, between0And2] = [2 / Math.sqrt(6), 1 / Math.sqrt(3), 1 / Math.sqrt(2)];
  const knn = new ItemKnnRanker(training, 4);
  expectClose(scoresOf(knn, 0), [0, between0And1, between0And2, 0]);
  expectClose(scoresOf(knn, 0, 2), [between0And2, between0And1 + between1And2, between0And2, 0]);
});

test('item-kNN keeps the nearest k, and all that are level with the last of them', () => {
  const nearest = new ItemKnnRanker(training, 4, 1);
  expectClose(scoresOf(nearest, 0), [0, 2 / Math.sqrt(6), 0, 0]);
  expectClose(scoresOf(new ItemKnnRanker(training, 4, 2), 1), [
    2 / Math.sqrt(6),
    0,
    1 / Math.sqrt(3),
    1 / Math.sqrt(3),
  ]);
});

test('a first-order Markov chain ranks what followed the last item; popularity orders the rest', () => {
  const scores = scoresOf(new MarkovRanker(training, 4), 0, 1);
  expect(scores[2]).toBeCloseTo(0.5, 3);
  expect(scores[3]).toBeCloseTo(0.5, 3);
  expect(scores[1]).toBeGreaterThan(scores[0]!);
  expect(scores[1]).toBeLessThan(0.001);
});

test('recent events weigh up to twice the oldest, in order of time and not of its unit; the mean stays 1', () => {
  const weights = recencyWeights(Float64Array.of(1000, 0, 1e9, 2000));
  expect(weights[2]! / weights[1]!).toBeCloseTo(2 ** 0.75, 5);
  expect([weights[1]! < weights[0]!, weights[0]! < weights[3]!, weights[3]! < weights[2]!]).toEqual([true, true, true]);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(4, 5);
});

test('recency_mask lifts what is popular lately, and every item stays possible', () => {
  const [even, recent] = [false, true].map((mask) => popularityDistribution(training, 5, mask)) as [
    Float32Array,
    Float32Array,
  ];
  expect(even[0]).toBeCloseTo(even[3]!, 6);
  expect(recent[3]).toBeGreaterThan(recent[0]!);
  for (const shares of [even, recent]) {
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(shares[4]).toBeGreaterThan(0);
  }
});

test('events count for popularity as they weigh', () => {
  const weights = new Float32Array(training.items.length).fill(1);
  training.items.forEach((item, event) => {
    if (item === 0) weights[event] = 0.25;
  });
  const [even, weighed] = [undefined, weights].map((each) => popularityDistribution(training, 5, false, each)) as [
    Float32Array,
    Float32Array,
  ];
  expect(even[0]).toBeCloseTo(even[3]!, 6);
  expect(weighed[0]).toBeLessThan(weighed[3]! / 2);
});

test('the repeat rate counts events with an item that the same user had before', () => {
  expect(repeatRate(training, 4)).toBe(1 / 8);
});

test('seen items are left out of a ranking, except the one that is the truth', () => {
  const byIndex: Ranker = { name: 'by index', score: (_history, out) => out.set([4, 3, 2, 1]) };
  const history = { items: Int32Array.of(0, 1), timestamps: Float64Array.of(0, 1) };
  const rankOfTruth = (truth: number, excludeSeen: boolean) =>
    1 /
    evaluateLeaveOneOut(byIndex, [{ history, truth: Int32Array.of(truth) }], { itemCount: 4, excludeSeen })
      .mean_reciprocal_rank;
  expect([rankOfTruth(2, false), rankOfTruth(2, true), rankOfTruth(1, true)]).toEqual([3, 1, 1]);
});
