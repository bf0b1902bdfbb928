import { dropoutMask } from '../networks/dropout';
import { Random } from './random';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const draws = (draw: () => number) => Float64Array.from({ length: 100_000 }, draw);

test('equal seeds give equal streams, and others others', () => {
  const stream = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 5 }, () => random.uint32());
  };
  expect(stream(1)).toEqual(stream(1));
  expect(stream(1)).not.toEqual(stream(2));
});

test('uniform draws fill [0, 1) evenly', () => {
  const random = new Random(1);
  const values = draws(() => random.uniform());
  expect(Math.min(...values.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values.subarray(0, 1000))).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    expect(mean(values.map((value) => (Math.floor(10 * value) === tenth ? 1 : 0)))).toBeCloseTo(0.1, 2);
  }
});

test('normal draws have mean 0 and deviation 1', () => {
  const random = new Random(1);
  const values = draws(() => random.normal());
  expect(mean(values)).toBeCloseTo(0, 1);
  expect(mean(values.map((value) => value * value))).toBeCloseTo(1, 1);
});

test('a shuffle keeps every value, and brings each to every place about as often', () => {
  const random = new Random(1);
  const places = new Float64Array(4);
  for (let round = 0; round < 20_000; round++) {
    const shuffled = random.shuffle(Int32Array.of(0, 1, 2, 3));
    places[shuffled.indexOf(0)]!++;
  }
  for (const count of places) expect(count / 20_000).toBeCloseTo(0.25, 1);
});

test.each([0, 0.2, 0.5])('a dropout mask of rate %p drops that share and keeps the mean', (rate) => {
  const mask = dropoutMask(100_001, rate, new Random(1));
  expect(mean(mask.map((value) => (value === 0 ? 1 : 0)))).toBeCloseTo(rate, 2);
  expect(mean(mask)).toBeCloseTo(1, 1);
});
