import { itemId } from '@attune/domain';
import { fillSlate } from './fillSlate';

/** Of three slots each: a million draws. */
const SLATES = 333_334;

/** The value that a chi-square variable exceeds with probability 0.0001 (Wilson and Hilferty, 1931). */
function criticalValue(degreesOfFreedom: number): number {
  const share = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - share + 3.719 * Math.sqrt(share)) ** 3;
}

test('over a million slots, slates come as often as their propensities say', () => {
  const ranked = ['a', 'b', 'c'].map((id, place) => ({ itemId: itemId(id), score: 0.5 / (place + 1) }));
  const pool = [
    ['b', 3],
    ['x', 1],
    ['y', 0.5],
    ['z', 6],
  ].map(([id, share]) => ({
    itemId: itemId(id as string),
    score: 0.01,
    weight: share as number,
    impressions: 0,
    clicks: 0,
  }));
  const seen = new Map<string, { count: number; probability: number }>();
  for (let slate = 0; slate < SLATES; slate++) {
    const slots = fillSlate({ ranked, pool, size: 3, policy: { explorationWeight: 0.3, seed: `RID-${slate}` } });
    const name = slots.map((slot) => slot.itemId).join('');
    const probability = slots.reduce((product, { propensity }) => product * propensity, 1);
    const entry = seen.get(name) ?? { count: 0, probability };
    seen.set(name, entry);
    entry.count++;
  }
  // All that is possible was seen, so the propensities of all slates add up to one.
  expect([...seen.values()].reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 3);
  // Chi-square wants five of each at least: rare slates count together.
  const common = [...seen.values()].filter(({ probability }) => probability * SLATES >= 5);
  const rest = {
    count: SLATES - common.reduce((sum, { count }) => sum + count, 0),
    probability: 1 - common.reduce((sum, { probability }) => sum + probability, 0),
  };
  const cells = rest.probability * SLATES >= 5 ? [...common, rest] : common;
  const chiSquare = cells.reduce((sum, { count, probability }) => {
    const expected = probability * SLATES;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  expect(cells.length).toBeGreaterThan(10);
  expect(chiSquare).toBeLessThan(criticalValue(cells.length - 1));
});
