import type { Sequences } from '../data/sequences';
import { addTransitionProbabilities, countTransitions, learnTransitions } from './transitions';

/** Two histories: 0 1 2 and 0 1 3. */
const sequences: Sequences = {
  offsets: Int32Array.of(0, 3, 6),
  items: Int32Array.of(0, 1, 2, 0, 1, 3),
  timestamps: new Float64Array(6),
};
const popularity = Float32Array.of(0.3, 0.3, 0.2, 0.2);

function probabilities(recent: number[], weight = 1): number[] {
  const out = new Float32Array(4);
  addTransitionProbabilities(learnTransitions(sequences, 4), popularity, recent, weight, out);
  return Array.from(out);
}

function expectClose(actual: number[], expected: ArrayLike<number>): void {
  for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index]!, 6);
}

test('a follower counts 1 at one step, 1/2 at two; the heaviest come first; histories do not run into each other', () => {
  const { offsets, columns, values } = countTransitions(sequences, 4, [1, 1 / 2, 1 / 3]);
  expect(Array.from(offsets)).toEqual([0, 3, 5, 5, 5]);
  expect(Array.from(columns)).toEqual([1, 2, 3, 2, 3]);
  expect(Array.from(values)).toEqual([2, 0.5, 0.5, 1, 1]);
});

test('the way back counts as much as is asked for', () => {
  const { offsets, columns, values } = countTransitions(sequences, 4, [1], 1 / 4);
  expect(Array.from(offsets)).toEqual([0, 1, 4, 5, 6]);
  expect(Array.from(columns)).toEqual([1, 2, 3, 0, 1, 1]);
  expect(Array.from(values)).toEqual([2, 1, 1, 0.5, 0.25, 0.25]);
});

test('what follows counts as its event weighs, and not at all where that is nothing', () => {
  const weights = Float32Array.of(1, 1, 0, 1, 1, 0.5);
  const { offsets, columns, values } = learnTransitions(sequences, 4, weights).followers;
  // Of item 1: item 0 came before it twice, half each, and item 3 after it, at half its weight.
  expect(Array.from(columns.subarray(offsets[1]!, offsets[2]!))).toEqual([0, 3]);
  expectClose(Array.from(values.subarray(offsets[1]!, offsets[2]!)), [1 / 21.5, 0.5 / 21.5]);
});

test('counts are smoothed by 20 pseudo-counts of popularity', () => {
  // Item 1 was followed by 2 and by 3, once each, and came twice after 0, which counts half: (count + 20 * popularity) / 23.
  expectClose(probabilities([1]), [7 / 23, 6 / 23, 5 / 23, 5 / 23]);
});

test('nothing known means popularity', () => {
  expectClose(probabilities([]), popularity);
});

test('older items count less: 1, 1/2, .. 1/10 of the latest ten', () => {
  const [of1, of0] = [probabilities([1]), probabilities([0])];
  const weights = Array.from({ length: 10 }, (_, lag) => 1 / (lag + 1));
  const [first = 0, ...others] = weights.map((weight) => weight / weights.reduce((sum, each) => sum + each));
  const rest = others.reduce((sum, weight) => sum + weight);
  const expected = of1.map((value, item) => first * value + rest * of0[item]!);
  expectClose(probabilities([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2]), expected);
});

test.each([[[1]], [[0, 1, 2]], [[]]])('after %p the probabilities sum to the weight', (recent) => {
  for (const weight of [1, 0.3]) {
    expect(probabilities(recent, weight).reduce((sum, value) => sum + value, 0)).toBeCloseTo(weight, 6);
  }
});
