import { parseArgs } from 'node:util';
import {
  CrossFittedClicks,
  clusterOf,
  type EstimatorName,
  evaluateLog,
  type Interval,
  loggedMarginals,
  rewardsOf,
  type TargetPolicy,
  weighList,
} from '@attune/exploration';
import { printFigure } from '../figure';
import { type ClickBehaviour, SimulatedLog } from '../simulatedLog';

export const description = 'how often the 95% intervals of off-policy estimates hold the truth, over simulated logs';

const LOGGED_WEIGHT = 0.3;
const LOGGED_CUT_OFF = 30;

const TARGETS: Readonly<Record<string, TargetPolicy>> = {
  'weight 0.1': { explorationWeight: 0.1 },
  'weight 0.5': { explorationWeight: 0.5 },
  'cut-off 15': { explorationItemAgeCutOff: 15 },
};

/** Estimators that make no assumption that the behaviour breaks. */
const VALID: Readonly<Record<ClickBehaviour, readonly EstimatorName[]>> = {
  position: ['IPS', 'SNIPS', 'RIPS', 'SNRIPS', 'IIPS', 'SNIIPS', 'DR'],
  cascade: ['IPS', 'SNIPS', 'RIPS', 'SNRIPS', 'DR'],
};

interface Tally {
  logs: number;
  covered: number;
  coveredByBootstrap: number;
  errors: number[];
  widths: number[];
}

/** `--logs N` logs of `--lists N` lists each, with bootstraps of `--resamples N`. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      logs: { type: 'string', default: '200' },
      lists: { type: 'string', default: '400' },
      resamples: { type: 'string', default: '400' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [logs, lists, resamples] = [Number(values.logs), Number(values.lists), Number(values.resamples)];
  for (const behaviour of ['position', 'cascade'] as const) {
    const world = new SimulatedLog(behaviour, LOGGED_WEIGHT, LOGGED_CUT_OFF, Number(values.seed));
    const truths = new Map(Object.entries(TARGETS).map(([name, target]) => [name, world.truth(target, 60_000, 7)]));
    const tallies = new Map<string, Tally>();
    for (let log = 0; log < logs; log++) tallyLog(behaviour, world, truths, tallies, { log, lists, resamples });
    for (const [name, tally] of tallies) report(`${behaviour} clicks, ${name}`, tally, lists);
  }
}

function tallyLog(
  behaviour: ClickBehaviour,
  world: SimulatedLog,
  truths: ReadonlyMap<string, number>,
  tallies: Map<string, Tally>,
  { log, lists, resamples }: { log: number; lists: number; resamples: number },
): void {
  const drawn = world.draw(lists, 1000 + log);
  const models = new CrossFittedClicks(
    drawn.map((list) => ({
      cluster: clusterOf(list.slate),
      items: list.slate.slots.map(({ itemId }) => itemId),
      rewards: rewardsOf(list),
    })),
  );
  const marginals = drawn.map(({ slate }) => loggedMarginals(slate));
  for (const [target, truth] of truths) {
    const weighed = drawn.map((list, at) =>
      weighList(list, TARGETS[target]!, models.for(clusterOf(list.slate)), marginals[at]),
    );
    for (const result of evaluateLog(weighed, { resamples, seed: log }).results) {
      if (!('estimate' in result) || !VALID[behaviour].includes(result.estimator)) continue;
      const key = `${target}, ${result.estimator}`;
      const tally = tallies.get(key) ?? { logs: 0, covered: 0, coveredByBootstrap: 0, errors: [], widths: [] };
      tallies.set(key, tally);
      const { value, interval, bootstrapInterval } = result.estimate;
      tally.logs++;
      if (holds(interval, truth)) tally.covered++;
      if (bootstrapInterval && holds(bootstrapInterval, truth)) tally.coveredByBootstrap++;
      tally.errors.push(value / truth - 1);
      tally.widths.push((interval[1] - interval[0]) / 2 / truth);
    }
  }
}

const holds = ([lower, upper]: Interval, truth: number) => lower <= truth && truth <= upper;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function report(name: string, { logs, covered, coveredByBootstrap, errors, widths }: Tally, lists: number): void {
  printFigure({
    name: `coverage of 95% intervals, ${name}`,
    value: (100 * covered) / logs,
    unit: `% of ${logs} logs of ${lists} lists`,
    details: {
      bootstrap: Math.round((1000 * coveredByBootstrap) / logs) / 10,
      bias_percent: Math.round(10_000 * mean(errors)) / 100,
      half_width_percent: Math.round(1000 * mean(widths)) / 10,
    },
  });
}
