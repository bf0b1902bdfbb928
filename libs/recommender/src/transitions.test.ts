import type { Sequences } from './sequences';
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

test('counts are smoothed by 20 pseudo-counts of popularity', () => {
  // Item 1 was followed by 2 and by 3, once each: (1 + 20 * popularity) / 22.
  expectClose(probabilities([1]), [6 / 22, 6 / 22, 5 / 22, 5 / 22]);
});

test('nothing known means popularity', () => {
  expectClose(probabilities([]), popularity);
  expectClose(probabilities([3]), popularity);
});

test('older items count less: 1, 1/2, 1/3 of the latest three', () => {
  const [of1, of0, of2] = [probabilities([1]), probabilities([0]), probabilities([2])];
  const weights = [1, 1 / 2, 1 / 3].map((weight) => weight / (1 + 1 / 2 + 1 / 3));
  const expected = of1.map((value, item) => weights[0]! * value + weights[1]! * of0[item]! + weights[2]! * of2[item]!);
  expectClose(probabilities([1, 0, 2, 1]), expected);
});

test.each([[[1]], [[0, 1, 2]], [[]]])('after %p the probabilities sum to the weight', (recent) => {
  for (const weight of [1, 0.3]) {
    expect(probabilities(recent, weight).reduce((sum, value) => sum + value, 0)).toBeCloseTo(weight, 6);
  }
});
