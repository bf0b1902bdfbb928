import { type ItemId, itemId, type PoolItem } from '@attune/domain';
import { buildSlate } from '@attune/testing';
import { fillSlate } from '../fillSlate';
import { weighPool } from '../poolWeights';
import { type FillRule, loggedRule, SlotWalk, targetRule } from './fillRule';
import { slotMarginals } from './slotMarginals';

const relevant = [...'abcde'].map((name, rank) => ({ itemId: itemId(name), score: 0.5 / (rank + 1) }));
const pooled = (name: string, weight: number, ageDays?: number): PoolItem => ({
  itemId: itemId(name),
  score: 0,
  weight,
  impressions: 0,
  clicks: 0,
  ...(ageDays !== undefined && { ageDays }),
});
/** Two of its items are relevant, too. */
const pool = [pooled('b', 2, 1), pooled('x', 1, 5), pooled('y', 3, 20), pooled('d', 0.5, 29), pooled('z', 1.5)];
const rule: FillRule = { relevant, pool, explorationWeight: 0.4 };

test('a walk down a served list finds the propensities that were logged', () => {
  for (let list = 0; list < 50; list++) {
    const seed = `list ${list}`;
    const slots = fillSlate({ ranked: relevant, pool, size: 5, policy: { explorationWeight: 0.4, seed } });
    const walk = new SlotWalk(rule);
    for (const { itemId: item, propensity } of slots) {
      expect(walk.probability(item)).toBeCloseTo(propensity, 12);
      const choices = new Map(walk.choices());
      expect([...choices.values()].reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12);
      expect(choices.get(item)).toBeCloseTo(propensity, 12);
      walk.take(item);
    }
  }
});

/** The chances of each item in each slot, from all lists there can be. */
function enumerated(of: FillRule, slots: number): Map<ItemId, number[]> {
  const table = new Map<ItemId, number[]>();
  const go = (above: readonly ItemId[], probability: number) => {
    if (above.length === slots) return;
    const walk = new SlotWalk(of);
    for (const item of above) walk.take(item);
    for (const [item, chance] of walk.choices()) {
      const row = table.get(item) ?? Array<number>(slots).fill(0);
      row[above.length]! += probability * chance;
      table.set(item, row);
      go([...above, item], probability * chance);
    }
  };
  go([], 1);
  return table;
}

test.each([0, 0.1, 0.4, 1])(
  'with weight %d the chances of slots are those of all lists added up',
  (explorationWeight) => {
    const of = { ...rule, explorationWeight };
    for (const [item, chances] of enumerated(of, 4)) {
      // The same item in all slots asks for its chance in each.
      const marginals = slotMarginals(of, [item, item, item, item], 'seed', 400);
      marginals.forEach((marginal, slot) => {
        expect(Math.abs(marginal - chances[slot]!)).toBeLessThan(0.01 * chances[slot]! + 1e-6);
      });
    }
  },
);

test('an unlikely list has no chance of 0', () => {
  const heavy = { ...rule, pool: [pooled('a', 60), pooled('x', 50), pooled('y', 1), pooled('z', 1)] };
  const unlikely = [...'yzax'].map(itemId);
  const chances = enumerated(heavy, 4);
  slotMarginals(heavy, unlikely, 'seed', 200).forEach((marginal, slot) => {
    expect(marginal).toBeGreaterThan(0);
    const truth = chances.get(unlikely[slot]!)![slot]!;
    expect(Math.abs(marginal / truth - 1)).toBeLessThan(0.1);
  });
});

test('where all items are relevant and young, the chances still sum to 1', () => {
  const names = 'abcdefghijklmnop';
  const all = [...names].map((name, rank) => ({ itemId: itemId(name), score: 1 / (rank + 1) }));
  const crowded = {
    relevant: all,
    pool: [...names].map((name, at) => pooled(name, 1 + (at % 3))),
    explorationWeight: 0.5,
  };
  const sum = all.reduce(
    (total, { itemId: item }) => total + slotMarginals(crowded, Array<ItemId>(10).fill(item), 's')[9]!,
    0,
  );
  expect(sum).toBeCloseTo(1, 9);
});

test('without overlap of pool and relevant items, relevant ones have exact chances, and the first slot always has', () => {
  const apart = { ...rule, pool: [pooled('x', 1), pooled('y', 3), pooled('z', 1.5)] };
  const chances = enumerated(apart, 3);
  for (const { itemId: item } of relevant.slice(0, 3)) {
    expect(slotMarginals(apart, [item, item, item], 's', 1)[2]).toBeCloseTo(chances.get(item)![2]!, 12);
  }
  for (const [item, [first]] of enumerated(rule, 3)) {
    expect(slotMarginals(rule, [item, item, item], 's', 1)[0]).toBeCloseTo(first!, 12);
  }
});

test("a smaller cut-off takes items out of the pool by age, but for those older than the log's own", () => {
  const slate = buildSlate({ relevant, pool: [...pool, pooled('old', 1, 400)] });
  const ids = targetRule(slate, { explorationItemAgeCutOff: 10 }).pool.map(({ itemId: item }) => item);
  expect(ids).toEqual(['b', 'x', 'z', 'old']);
  expect(targetRule(slate, {})).toEqual(loggedRule(slate));
  expect(() => targetRule(slate, { explorationItemAgeCutOff: 31 })).toThrow("above the log's, 30");
});

test("another model's scores give the pool other weights, and the same scores the same", () => {
  const entries = pool.map((item) => ({ ...item, impressions: 10, clicks: 1, urgency: 0 }));
  const scores = [0.2, 0.01, 0.02, 0.1, 0];
  const weighed = weighPool(entries, scores, 0.05);
  const urgent = { ...weighed[4]!, weight: 10 * Math.exp(8) };
  const slate = buildSlate({ relevant, pool: [...weighed.slice(0, 4), urgent], clickRate: 0.05 });
  expect(targetRule(slate, { model: { relevant, ofPool: scores } })).toEqual(loggedRule(slate));
  const other = targetRule(slate, { model: { relevant: relevant.toReversed(), ofPool: [0.01, 0.2, 0.02, 0.1, 0] } });
  expect(other.relevant[0]!.itemId).toBe('e');
  expect(other.pool[1]!.weight).toBeGreaterThan(weighed[1]!.weight);
  expect(other.pool[4]!.weight).toBe(urgent.weight);
});
