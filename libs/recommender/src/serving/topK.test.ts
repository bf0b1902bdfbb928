import { Random } from '../data/random';
import { topK } from './topK';

const random = new Random(1);
/** Few distinct values, so that ties are many. */
const scores = Float32Array.from({ length: 500 }, () => Math.floor(random.uniform() * 50));
const sorted = Array.from(scores, (score, item) => ({ item, score })).sort(
  (a, b) => b.score - a.score || a.item - b.item,
);

test.each([0, 1, 2, 25, 499, 500, 1000])('the best %i are those of a full sort, ties by item', (k) => {
  expect(topK(scores, k)).toEqual(sorted.slice(0, k));
});

test('what is excluded is not listed', () => {
  const odd = (item: number) => item % 2 === 1;
  expect(topK(scores, 40, odd)).toEqual(sorted.filter(({ item }) => !odd(item)).slice(0, 40));
  expect(topK(scores, 40, () => true)).toEqual([]);
});
