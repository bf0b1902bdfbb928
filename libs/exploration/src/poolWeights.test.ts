import { itemId } from '@attune/domain';
import { MOST_CLICK_RATES, MOST_URGENCY_BONUS, type PoolEntry, TEMPERATURE, weighPool } from './poolWeights';

const CLICK_RATE = 0.05;
const entry = (more: Partial<PoolEntry> = {}): PoolEntry => ({
  itemId: itemId('a'),
  impressions: 0,
  clicks: 0,
  urgency: 0,
  ...more,
});
const weight = (more: Partial<PoolEntry> = {}) => weighPool([entry(more)], [0], CLICK_RATE)[0]!.weight;

test('an item that nobody has seen has the prior, and so much more as two clicks leave open', () => {
  // Beta(2, 38): mean 0.05, deviation sqrt(0.05 * 0.95 / 41) = 0.0340.
  const clickRates = (0.05 + Math.sqrt((0.05 * 0.95) / 41)) / CLICK_RATE;
  expect(weight()).toBeCloseTo(Math.exp(clickRates / TEMPERATURE), 10);
});

test('impressions without clicks lower the weight, clicks raise it', () => {
  const seen = [0, 10, 100, 1000].map((impressions) => weight({ impressions }));
  expect(seen).toEqual(seen.toSorted((one, other) => other - one));
  expect(weight({ impressions: 100, clicks: 10 })).toBeGreaterThan(weight({ impressions: 100, clicks: 5 }));
  expect(weight({ impressions: 1e8, clicks: 5e6 })).toBeCloseTo(Math.exp(1 / TEMPERATURE), 1);
});

test('relevance to the user multiplies the rate, within bounds, and a score that is not known does not', () => {
  const entries = ['less', 'middle', 'more', 'most', 'unknown'].map((id) => entry({ itemId: itemId(id) }));
  const weights = weighPool(entries, [0.001, 0.01, 0.015, 0.1 / 0.15, 0], CLICK_RATE).map((item) => item.weight);
  expect(weights[0]).toBeLessThan(weights[1]!);
  expect(weights[1]).toBeLessThan(weights[2]!);
  expect(weights[2]).toBeLessThan(weights[3]!);
  expect(weights[4]).toBe(weight());
  const seen = { impressions: 1e8, clicks: 4e6 };
  const [high, low] = weighPool([entry(seen), entry(seen)], [1, 1e-9], CLICK_RATE);
  // A rate of 0.04 is 0.8 of the overall rate: times 4, and a quarter.
  expect(Math.log(high!.weight) * TEMPERATURE).toBeCloseTo(3.2, 2);
  expect(Math.log(low!.weight) * TEMPERATURE).toBeCloseTo(0.2, 3);
});

test('an item behind its promised impressions counts as the best there can be, and up to ten times so', () => {
  const best = Math.exp(MOST_CLICK_RATES / TEMPERATURE);
  expect(weight({ impressions: 1000, clicks: 1000 })).toBe(best);
  expect(weight({ impressions: 1000, urgency: 0.01 })).toBeCloseTo(best * (1 + 0.01 * MOST_URGENCY_BONUS), 6);
  expect(weight({ urgency: 1 })).toBe(best * 10);
});

test('hostile counts give weights that can be drawn by', () => {
  for (const counts of [{ clicks: 1e300 }, { impressions: 1e300 }, { impressions: 1, clicks: 1e9 }]) {
    for (const rate of [1e-9, 0.5, 1]) {
      const [{ weight: found } = { weight: Number.NaN }] = weighPool([entry(counts)], [0.5], rate);
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(1e6);
    }
  }
});
