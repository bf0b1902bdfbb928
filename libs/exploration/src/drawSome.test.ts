import { drawSome } from './drawSome';
import { seededRandom } from './seededRandom';

test('few are all drawn, of many as many as asked for, each once', () => {
  const random = seededRandom('draw');
  expect(drawSome([1, 2, 3], [1, 1, 1], 3, random)).toEqual([1, 2, 3]);
  const members = Array.from({ length: 50 }, (_, index) => index);
  const drawn = drawSome(members, new Array(50).fill(1), 20, random);
  expect(new Set(drawn).size).toBe(20);
});

test('of one place, each has the chance of its weight', () => {
  const random = seededRandom('chances');
  const counts = { a: 0, b: 0, c: 0 };
  for (let draw = 0; draw < 30_000; draw++) counts[drawSome(['a', 'b', 'c'] as const, [1, 2, 7], 1, random)[0]!]++;
  expect(counts.a / 30_000).toBeCloseTo(0.1, 1.7);
  expect(counts.b / 30_000).toBeCloseTo(0.2, 1.7);
  expect(counts.c / 30_000).toBeCloseTo(0.7, 1.7);
});
