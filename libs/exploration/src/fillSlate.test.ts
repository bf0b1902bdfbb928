import { itemId, type PoolItem } from '@attune/domain';
import fc from 'fast-check';
import { fillSlate } from './fillSlate';

const ranked = [
  { itemId: itemId('a'), score: 0.5 },
  { itemId: itemId('b'), score: 0.3 },
  { itemId: itemId('c'), score: 0.2 },
];
const poolItem = (id: string, weight: number): PoolItem => ({
  itemId: itemId(id),
  score: 0.01,
  weight,
  impressions: 0,
  clicks: 0,
});
const pool = [poolItem('x', 1), poolItem('b', 2), poolItem('y', 5)];
const policy = (explorationWeight: number, seed = 'RID-1') => ({ explorationWeight, seed });
const shown = (slots: readonly { itemId: string }[]) => slots.map((slot) => slot.itemId).join('');

describe('without exploration', () => {
  test('the most relevant items fill the slots in order, each with certainty, whatever the pool', () => {
    const slots = [
      { itemId: 'a', score: 0.5, propensity: 1, explored: false },
      { itemId: 'b', score: 0.3, propensity: 1, explored: false },
    ];
    expect(fillSlate({ ranked, pool, size: 2, policy: policy(0) })).toEqual(slots);
    expect(fillSlate({ ranked, pool: [], size: 2, policy: policy(1) })).toEqual(slots);
  });

  test('too few candidates make a shorter slate', () => {
    expect(fillSlate({ ranked, pool, size: 10, policy: policy(0) })).toHaveLength(3);
    expect(fillSlate({ ranked: [], pool, size: 10, policy: policy(0) })).toEqual([]);
  });
});

test('with weight 1 the pool comes first, and relevance fills what it leaves', () => {
  const slots = fillSlate({ ranked, pool, size: 10, policy: policy(1) });
  expect(slots.slice(0, 3).every(({ explored }) => explored)).toBe(true);
  expect(shown(slots.slice(0, 3)).split('').toSorted().join('')).toBe('bxy');
  expect(slots.slice(3)).toEqual([
    { itemId: 'a', score: 0.5, propensity: 1, explored: false },
    { itemId: 'c', score: 0.2, propensity: 1, explored: false },
  ]);
});

test('where no relevant item is left the pool fills the slots with the chances of the draw', () => {
  const slots = fillSlate({ ranked: [], pool: pool.slice(0, 2), size: 5, policy: policy(0.1) });
  expect(slots).toHaveLength(2);
  expect(slots[0]!.propensity).toBeCloseTo(shown(slots).startsWith('x') ? 1 / 3 : 2 / 3, 15);
  expect(slots[1]!.propensity).toBe(1);
});

test('an item that may come both ways has the sum of both probabilities', () => {
  const slots = fillSlate({ ranked: ranked.slice(1), pool: pool.slice(0, 2), size: 1, policy: policy(0.3) });
  expect(slots[0]!.propensity).toBeCloseTo(shown(slots) === 'b' ? 0.7 + 0.3 * (2 / 3) : 0.3 / 3, 15);
});

test('equal arguments give equal slates, and another seed another', () => {
  const lists = Array.from({ length: 50 }, (_, index) =>
    JSON.stringify(fillSlate({ ranked, pool, size: 3, policy: policy(0.5, `RID-${index}`) })),
  );
  expect(fillSlate({ ranked, pool, size: 3, policy: policy(0.5, 'RID-7') })).toEqual(JSON.parse(lists[7]!));
  expect(new Set(lists).size).toBeGreaterThan(5);
});

test('the candidates are left as they were', () => {
  const frozen = Object.freeze(ranked.map((candidate) => Object.freeze(candidate)));
  const frozenPool = Object.freeze(pool.map((item) => Object.freeze(item)));
  expect(() => fillSlate({ ranked: frozen, pool: frozenPool, size: 3, policy: policy(0.5) })).not.toThrow();
});

test('every slate holds each item once, and every choice has a probability', () => {
  const weights = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { maxLength: 8 });
  const weight = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(weights, weight, fc.nat(12), fc.string(), (poolWeights, explorationWeight, size, seed) => {
      const items = poolWeights.map((each, index) => poolItem('bcxyzuvw'[index]!, each));
      const slots = fillSlate({ ranked, pool: items, size, policy: { explorationWeight, seed } });
      expect(new Set(shown(slots)).size).toBe(slots.length);
      for (const { propensity } of slots) {
        expect(propensity).toBeGreaterThan(0);
        expect(propensity).toBeLessThanOrEqual(1 + 1e-12);
      }
    }),
  );
});
