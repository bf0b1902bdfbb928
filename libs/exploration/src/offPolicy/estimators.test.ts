import { doublyRobust, inversePropensity, selfNormalized } from './estimators';
import type { WeightedList } from './weightedList';

const list = (cluster: string, rewards: number[], ratios: number[]): WeightedList => ({ cluster, rewards, ratios });

/** Half of the lists are twice as probable under the policy in question, the others impossible. */
const lists = [
  list('a', [1, 0], [2, 1]),
  list('b', [0, 1], [0, 1]),
  list('c', [1, 1], [2, 1]),
  list('d', [0, 0], [0, 1]),
];

test('the estimate is the mean of the weighted lists, with the standard error of a mean', () => {
  const estimate = inversePropensity(lists, 'list');
  expect(estimate.value).toBe((2 + 0 + 4 + 0) / 4);
  // Variance of 2, 0, 4, 0 with n - 1 below is 11 / 3.
  expect(estimate.standardError).toBeCloseTo(Math.sqrt(11 / 3 / 4), 12);
  expect(estimate.interval[1] - estimate.value).toBeCloseTo(1.959964 * estimate.standardError, 6);
  expect(estimate.effectiveSampleSize).toBe(2);
  expect(estimate.bootstrapInterval).toBeUndefined();
});

test('rewards above a slot are not weighted by what is below it, where clicks go down the list', () => {
  const below = [list('a', [1, 0], [1, 2]), list('b', [1, 0], [1, 0])];
  expect(inversePropensity(below, 'cascade')).toMatchObject({ value: 1, standardError: 0 });
  expect(inversePropensity(below, 'list').standardError).toBeGreaterThan(0);
});

test('self-normalised estimates stay between the smallest and the largest reward', () => {
  const rare = [list('a', [1], [50]), list('b', [1], [1]), list('c', [1], [1])];
  expect(inversePropensity(rare, 'list').value).toBeGreaterThan(17);
  expect(selfNormalized(rare, 'list')).toMatchObject({ value: 1, standardError: 0 });
});

test('what one user did counts as one observation', () => {
  const twice = lists.flatMap((one) => [one, one]);
  const once = inversePropensity(lists, 'list');
  expect(inversePropensity(twice, 'list').standardError).toBeCloseTo(once.standardError, 12);
  const apart = twice.map((one, index) => ({ ...one, cluster: String(index) }));
  expect(inversePropensity(apart, 'list').standardError).toBeLessThan(once.standardError);
});

test('a model that is always right leaves no variance but its own', () => {
  const right = lists.map((one) => ({ ...one, expectation: { ofShown: one.rewards, ofPolicy: [0.5, 0.25] } }));
  const { value, standardError } = doublyRobust(right);
  expect(value).toBeCloseTo(0.5 + 0.25, 12);
  // The second slot's expectation has the weight of the first slot, which is 2 or 0.
  expect(standardError).toBeCloseTo(0.25 * Math.sqrt(4 / 3 / 4), 12);
});

test('the bootstrap gives the same interval for the same seed, near the normal one', () => {
  const many = Array.from({ length: 400 }, (_, index) => list(String(index), [index % 4 === 0 ? 1 : 0], [1]));
  const estimate = (seed: number) => inversePropensity(many, 'list', { resamples: 2000, seed });
  expect(estimate(3)).toEqual(estimate(3));
  expect(estimate(3).bootstrapInterval).not.toEqual(estimate(4).bootstrapInterval);
  const { interval, bootstrapInterval } = estimate(3);
  expect(Math.abs(interval[0] - bootstrapInterval![0])).toBeLessThan(0.005);
  expect(Math.abs(interval[1] - bootstrapInterval![1])).toBeLessThan(0.005);
});

test('what can not be estimated is refused', () => {
  expect(() => inversePropensity([], 'list')).toThrow('lists of at least two users');
  expect(() => inversePropensity(lists, 'position')).toThrow('List 0 has no position ratios, which IIPS needs.');
  expect(() => doublyRobust(lists)).toThrow('List 0 has no expectation');
  const impossible = lists.map((one) => ({ ...one, ratios: [0, 0] }));
  expect(() => selfNormalized(impossible, 'list')).toThrow('No list of the log is possible under the policy');
});
