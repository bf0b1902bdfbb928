import { itemId } from '@attune/domain';
import { freshnessFactor, type RankingInfluence, rankingTilt } from './rankingTilt';

const DAY = 24 * 3600 * 1000;
const LATEST = 1000 * DAY;

/** Popular and old, middling and a month old, never touched and created today. */
const items = {
  ids: ['old', 'middling', 'new'],
  popularity: Float32Array.of(0.6, 0.3, 0.1),
  firstInteractions: Float64Array.of(LATEST - 90 * DAY, LATEST - 30 * DAY, Number.NaN),
  latest: LATEST,
};
const nowhere = () => undefined;

function tiltOf(influence: RankingInfluence, createdAt: (id: string) => number | undefined = nowhere) {
  return rankingTilt(items, influence, { createdAt, revision: () => 1 });
}
const multipliers = (...given: Parameters<typeof tiltOf>) => Array.from(tiltOf(...given).tilt()!.multipliers);

test.each([{}, { POPULARITY: 0 }, { POPULARITY: 0, FRESHNESS: 0 }])('%j tilts nothing', (influence) => {
  expect(tiltOf(influence).tilt()).toBeUndefined();
  expect(tiltOf(influence).partsOf(0)).toEqual([]);
});

test('popularity counts against the mean item, to the power of its influence', () => {
  const [old, middling, fresh] = multipliers({ POPULARITY: 0.5 });
  expect(old).toBeCloseTo(Math.sqrt(1.8), 5);
  expect(middling).toBeCloseTo(Math.sqrt(0.9), 5);
  expect(fresh).toBeCloseTo(Math.sqrt(0.3), 5);
});

test('freshness halves by three months against one; untouched items are of today', () => {
  const [old, middling, fresh] = multipliers({ FRESHNESS: 1 });
  expect([old, middling, fresh]).toEqual([0.5, 1, 2]);
});

test("the catalogue's creation goes before the first interaction, and the future counts as today", () => {
  const created = multipliers({ FRESHNESS: 1 }, (id) => (id === itemId('old') ? LATEST + DAY : LATEST - 90 * DAY));
  expect(created).toEqual([2, 0.5, 0.5]);
});

test('both multiply, and the mean is weighted by popularity', () => {
  const { mean, multipliers: both } = tiltOf({ POPULARITY: 1, FRESHNESS: 1 }).tilt()!;
  expect(both[0]).toBeCloseTo(1.8 * 0.5, 5);
  expect(mean).toBeCloseTo(0.6 * 1.8 * 0.5 + 0.3 * 0.9 * 1 + 0.1 * 0.3 * 2, 5);
});

test('a year leaves about a seventh of a month', () => {
  expect(freshnessFactor(LATEST - 365 * DAY, LATEST)).toBeCloseTo(0.152, 3);
});

test('its parts are the logarithms of what it multiplies with', () => {
  const influence = { POPULARITY: 0.5, FRESHNESS: 1 };
  const total = tiltOf(influence)
    .partsOf(0)
    .reduce((sum, { contribution }) => sum + contribution, 0);
  expect(total).toBeCloseTo(Math.log(multipliers(influence)[0]!), 5);
});
