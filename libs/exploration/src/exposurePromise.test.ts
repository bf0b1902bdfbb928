import { itemId } from '@attune/domain';
import { drawSome } from './drawSome';
import { exposureUrgency } from './exposure';
import { fillSlate } from './fillSlate';
import { type PoolEntry, poolWeight, weighPool } from './poolWeights';
import { seededRandom } from './seededRandom';

const promise = { exposureImpressions: 100, exposureHours: 24 };

describe('urgency', () => {
  test.each([
    ['at once, before anything was shown', 0, 0, 1],
    ['on pace', 12, 66, 0],
    ['a little behind', 12, 61, expect.closeTo(0.456, 2)],
    ['far behind', 12, 10, 1],
    ['a moment before the end', 24, 99, expect.closeTo(0.1, 5)],
    ['with all that was promised', 1, 100, 0],
    ['after its time', 25, 0, 0],
  ])('%s', (_name, hours, impressions, urgency) => {
    expect(exposureUrgency(promise, hours, impressions)).toEqual(urgency);
  });

  test('is none where nothing is promised, and that of a new item where the age is not known', () => {
    expect(exposureUrgency({ exposureImpressions: 0, exposureHours: 24 }, 0, 0)).toBe(0);
    expect(exposureUrgency(promise, undefined, 0)).toBe(1);
  });
});

/**
 * Three days of simulated traffic: 20 items appear every day, spread over its hours; six lists of ten slots a minute, of which
 * four in five are reported, a minute later.
 */
test('99% of new items get the impressions that they were promised in their time, evenly', () => {
  const random = seededRandom('traffic');
  const [days, itemsADay, listsAMinute, size] = [3, 20, 6, 10];
  const ranked = Array.from({ length: size }, (_, place) => ({ itemId: itemId(`old-${place}`), score: 0.1 }));
  const items = Array.from({ length: days * itemsADay }, (_, index) => ({
    id: itemId(`new-${index}`),
    appears: Math.floor((index / itemsADay) * 24 * 60),
    quality: random.uniform() * 0.15,
    impressions: 0,
    clicks: 0,
    half: 0,
  }));
  const finished: [impressions: number, half: number][] = [];
  let reports: (typeof items)[] = [];
  for (let minute = 0; minute < (days + 1) * 24 * 60; minute++) {
    for (const seen of reports) {
      for (const item of seen) {
        item.impressions++;
        if (random.uniform() < item.quality) item.clicks++;
      }
    }
    reports = [];
    const live = items.filter(({ appears }) => appears <= minute && minute - appears < 30 * 24 * 60);
    for (const item of live) if (minute - item.appears <= 12 * 60) item.half = item.impressions;
    const entries = live.map(
      ({ id, appears, impressions, clicks }): PoolEntry => ({
        itemId: id,
        impressions,
        clicks,
        urgency: exposureUrgency(promise, (minute - appears) / 60, impressions),
      }),
    );
    const drawn = drawSome(
      entries,
      entries.map((entry) => poolWeight(entry, 1, 0.05)),
      100,
      random,
    );
    const pool = weighPool(
      drawn,
      drawn.map(() => 0),
      0.05,
    );
    for (let list = 0; list < listsAMinute; list++) {
      const policy = { explorationWeight: 0.3, seed: `${minute}-${list}` };
      const slots = fillSlate({ ranked, pool, size, policy });
      if (random.uniform() < 0.2) continue;
      const byId = new Map(live.map((item) => [item.id, item]));
      reports.push(slots.flatMap((slot) => byId.get(slot.itemId) ?? []));
    }
    for (const item of live) {
      if (minute - item.appears === promise.exposureHours * 60) finished.push([item.impressions, item.half]);
    }
  }
  expect(finished).toHaveLength(items.length);
  const kept = finished.filter(([impressions]) => impressions >= promise.exposureImpressions);
  expect(kept.length / finished.length).toBeGreaterThanOrEqual(0.99);
  // Evenly: half of the time brings about half of them, not all at once.
  for (const [, half] of finished) expect(half).toBeGreaterThan(45);
});
