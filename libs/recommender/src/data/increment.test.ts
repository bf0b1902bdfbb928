import { predictionCount } from '../networks/laneBatches';
import { incrementOf, newSince } from './increment';
import { Random } from './random';
import type { Sequences } from './sequences';

/** Histories by the times of their events, an item for each event. */
function histories(...times: number[][]): Sequences {
  const offsets = [0];
  for (const each of times) offsets.push(offsets.at(-1)! + each.length);
  const flat = times.flat();
  return {
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(flat.keys()),
    timestamps: Float64Array.from(flat),
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const window = (interactions: number, lastTimestamp: number) => ({
  interactions,
  lastTimestamp,
  firstTimestamp: 0,
  users: 1,
  items: 1,
});

describe('what is new', () => {
  const timestamps = Float64Array.from([1, 2, 3, 4, 5, 6]);

  test('is what came after the last event, where events come in order', () => {
    expect(newSince({ timestamps }, window(4, 4))).toBe(5);
  });

  test('is not hidden by an event that was dated far ahead', () => {
    expect(newSince({ timestamps: Float64Array.from([1, 2, 3, 4, 5, 9999]) }, window(4, 9999))).toBe(5);
  });

  test('is nothing where nothing came, and what is later than the last event where others were deleted', () => {
    expect(newSince({ timestamps }, window(6, 6))).toBe(Number.POSITIVE_INFINITY);
    expect(newSince({ timestamps }, window(60, 5))).toBe(6);
  });
});

describe('what an update learns from', () => {
  test('is the new events after some of what came before them', () => {
    const increment = incrementOf(histories(range(0, 100), range(200, 204)), 98, 60, new Random(1));
    const [first, second] = [0, 1].map((user) => [
      ...increment.timestamps.subarray(increment.offsets[user], increment.offsets[user + 1]),
    ]);
    expect(first).toEqual(range(88, 100));
    expect(second).toEqual(range(200, 204));
  });

  test('and stretches of other histories, twice as many events as are new', () => {
    const old = Array.from({ length: 500 }, () => range(0, 30));
    const increment = incrementOf(histories(...old, range(1000, 1100)), 1000, 60, new Random(1));
    const replayed = increment.timestamps.filter((time) => time < 1000).length;
    expect(replayed).toBeGreaterThanOrEqual(200);
    expect(replayed).toBeLessThan(250);
    expect(increment.timestamps.filter((time) => time >= 1000)).toHaveLength(100);
    expect(incrementOf(histories(...old, range(1000, 1100)), 1000, 60, new Random(1))).toEqual(increment);
  });

  test('and not nothing where nothing is new: new items alone may be why it is made', () => {
    const old = Array.from({ length: 500 }, () => range(0, 30));
    expect(
      predictionCount(incrementOf(histories(...old), Number.POSITIVE_INFINITY, 60, new Random(1))),
    ).toBeGreaterThan(100);
  });
});
