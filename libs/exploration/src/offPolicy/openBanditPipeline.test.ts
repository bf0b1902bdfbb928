import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { doublyRobust, type Estimate, inversePropensity, selfNormalized } from './estimators';
import type { WeightedList } from './weightedList';

interface SingleSlotEstimates {
  ips: number;
  snips: number;
  doublyRobust: number;
}

/** Open Bandit Pipeline's estimates; bench/python/obp_estimates.py made them, and says how. */
const obp: {
  simulated: {
    logged: number[];
    target: number[];
    /** [item][slot] */
    model: number[][];
    /** A digit for each item. */
    lists: string;
    clicks: string;
    estimates: Record<string, number> & SingleSlotEstimates;
  };
  openBandit: Record<string, SingleSlotEstimates>;
} = JSON.parse(readFileSync(join(__dirname, '../../fixtures/obp.json'), 'utf8'));

const TOLERANCE_DIGITS = 9;
const close = (estimate: Estimate, value: number) => expect(estimate.value).toBeCloseTo(value, TOLERANCE_DIGITS);

describe('on a log of lists', () => {
  const { logged, target, model, estimates } = obp.simulated;
  const slots = 3;

  function chance(weights: readonly number[], above: readonly number[], item: number): number {
    let left = 0;
    weights.forEach((weight, other) => {
      if (!above.includes(other)) left += weight;
    });
    return above.includes(item) ? 0 : weights[item]! / left;
  }

  /** [item][slot] */
  function marginals(weights: readonly number[]): number[][] {
    const table = weights.map(() => Array<number>(slots).fill(0));
    const walk = (above: readonly number[], probability: number) => {
      if (above.length === slots) return;
      weights.forEach((_, item) => {
        const reached = probability * chance(weights, above, item);
        if (reached === 0) return;
        table[item]![above.length]! += reached;
        walk([...above, item], reached);
      });
    };
    walk([], 1);
    return table;
  }

  const [loggedMarginals, targetMarginals] = [marginals(logged), marginals(target)];
  const clicks = obp.simulated.clicks.split(' ');
  const lists = obp.simulated.lists.split(' ').map((digits, index): WeightedList => {
    const items = [...digits].map(Number);
    const above = items.map((_, slot) => items.slice(0, slot));
    return {
      cluster: String(index),
      rewards: [...clicks[index]!].map(Number),
      ratios: items.map((item, slot) => chance(target, above[slot]!, item) / chance(logged, above[slot]!, item)),
      positionRatios: items.map((item, slot) => targetMarginals[item]![slot]! / loggedMarginals[item]![slot]!),
      expectation: {
        ofShown: items.map((item, slot) => model[item]![slot]!),
        ofPolicy: items.map((_, slot) =>
          model.reduce((sum, row, item) => sum + chance(target, above[slot]!, item) * row[slot]!, 0),
        ),
      },
    };
  });

  test.each(['list', 'cascade', 'position'] as const)('the weights of a %s give the same estimates', (assumption) => {
    close(inversePropensity(lists, assumption), estimates[assumption]!);
    close(selfNormalized(lists, assumption), estimates[`${assumption}SelfNormalized`]!);
  });

  test('doubly robust down the slots gives the same estimate', () => {
    close(doublyRobust(lists), estimates.cascadeDoublyRobust!);
  });

  test('the first slot alone gives the same estimates', () => {
    const first = lists.map(({ cluster, rewards, ratios, expectation }) => ({
      cluster,
      rewards: rewards.slice(0, 1),
      ratios: ratios.slice(0, 1),
      expectation: { ofShown: expectation!.ofShown.slice(0, 1), ofPolicy: expectation!.ofPolicy.slice(0, 1) },
    }));
    expectSame(first, estimates);
  });
});

const folder = process.env.ATTUNE_DATASETS;
if (!folder)
  process.stderr.write('Tests skipped. ATTUNE_DATASETS must name the folder with the Open Bandit samples.\n');

(folder ? describe : describe.skip)('on the Open Bandit Dataset', () => {
  const POLICIES = ['random', 'bts'] as const;
  const ITEMS = 80;
  const POSITIONS = 3;

  interface Impression {
    item: number;
    position: number;
    click: number;
    propensity: number;
  }

  const logs = new Map<string, Impression[]>();
  beforeAll(() => {
    for (const policy of POLICIES) {
      const text = gunzipSync(readFileSync(join(folder!, `obd-${policy}-all.csv.gz`))).toString();
      const rows = text.trimEnd().split('\n').slice(1);
      logs.set(
        policy,
        rows.map((row) => {
          const [, item, position, click, propensity] = row.split(',', 5).map(Number) as [number, ...number[]];
          return { item: item!, position: position! - 1, click: click!, propensity: propensity! };
        }),
      );
    }
  });

  /** [item][position] */
  function sums(log: readonly Impression[], of: (impression: Impression) => number): number[][] {
    const table = Array.from({ length: ITEMS }, () => Array<number>(POSITIONS).fill(0));
    for (const impression of log) table[impression.item]![impression.position]! += of(impression);
    return table;
  }

  /** What the policy would show in a position: uniform, or as the log of the other says. */
  function chances(policy: string): (item: number, position: number) => number {
    if (policy === 'random') return () => 1 / ITEMS;
    const shown = sums(logs.get(policy)!, () => 1);
    const totals = Array.from({ length: POSITIONS }, (_, position) =>
      shown.reduce((sum, row) => sum + row[position]!, 0),
    );
    return (item, position) => (shown[item]![position]! + 1) / (totals[position]! + ITEMS);
  }

  test.each([
    ['random', 'bts'],
    ['bts', 'random'],
  ])('on the log of %s, %s has the same estimates', (logged, target) => {
    const log = logs.get(logged)!;
    const chance = chances(target);
    const shown = sums(log, () => 1);
    const clicked = sums(log, ({ click }) => click);
    const model = (item: number, position: number) => (clicked[item]![position]! + 1) / (shown[item]![position]! + 200);
    const ofPolicy = Array.from({ length: POSITIONS }, (_, position) =>
      shown.reduce((sum, _row, item) => sum + chance(item, position) * model(item, position), 0),
    );
    const lists = log.map(({ item, position, click, propensity }, index) => ({
      cluster: String(index),
      rewards: [click],
      ratios: [chance(item, position) / propensity],
      expectation: { ofShown: [model(item, position)], ofPolicy: [ofPolicy[position]!] },
    }));
    expectSame(lists, obp.openBandit[`${target} on the log of ${logged}`]!);
  });
});

function expectSame(lists: readonly WeightedList[], expected: SingleSlotEstimates): void {
  close(inversePropensity(lists, 'cascade'), expected.ips);
  close(selfNormalized(lists, 'cascade'), expected.snips);
  close(doublyRobust(lists), expected.doublyRobust);
}
