import { parseArgs } from 'node:util';
import {
  firstDayMs,
  interactionsCsv,
  inventHistory,
  itemsCsv,
  SIMULATED,
  streamOf,
  World,
  type WorldSettings,
} from '@attune/world';
import { printFigure } from '../figure';
import { SERVERS_OPTION } from '../startTrainedServer';
import { goodNewItems } from '../world/discovery';
import { printGoals } from '../world/goals';
import { live } from '../world/live';
import { loadOf } from '../world/load';
import { attune, epsilonGreedy, thompsonSampling, type WorldPolicy } from '../world/policies';
import { printResults, writeResults } from '../world/report';
import { createResources } from '../world/resources';
import { type PolicyResult, resultOf } from '../world/results';
import { type Site, startSite } from '../world/site';

export const description =
  'SIMULATED users and new items for 30 days: exploration weights beside epsilon-greedy and Thompson sampling; --load RATE';

const OPTIONS = {
  ...SERVERS_OPTION,
  days: { type: 'string' },
  users: { type: 'string' },
  seed: { type: 'string' },
  /** Those whose names end so: 0.3 is a weight of Attune's and of epsilon-greedy. */
  policy: { type: 'string', multiple: true },
  /** Sites that are lived on at one time: an embedded one keeps about one core busy. */
  sites: { type: 'string', default: '2' },
  /** Where table and plots are written. */
  out: { type: 'string' },
  /** Instead of living through the days: visits a second, for so many seconds. */
  load: { type: 'string' },
  seconds: { type: 'string', default: '30' },
} as const;

/** No update but those that the world asks for. Trainings have no time limit, so that all policies begin with one model. */
const SETTINGS = { ATTUNE_UPDATE_INTERVAL: '0' };
const UPDATE_EVERY_DAYS = 3;

const MOST_VISITS_A_SECOND = 1_000;
const MOST_SECONDS = 3_600;
const MOST_SITES = 6;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const settings: Partial<WorldSettings> = {};
  for (const name of ['days', 'users', 'seed'] as const) {
    if (values[name] !== undefined) settings[name] = wholeNumber(name, values[name], 100_000);
  }
  const world = new World(settings);
  const rate = values.load === undefined ? undefined : wholeNumber('load', values.load, MOST_VISITS_A_SECOND);
  const seconds = wholeNumber('seconds', values.seconds, MOST_SECONDS);
  const sites = wholeNumber('sites', values.sites, MOST_SITES);
  const policies = policiesOf(world).filter(
    ({ name }) => values.policy === undefined || values.policy.some((end) => name.endsWith(` ${end}`)),
  );
  if (rate !== undefined) await runLoad(world, values.servers, rate, seconds);
  else
    await runPolicies(world, policies, {
      real: values.servers,
      sites,
      ...(values.out !== undefined && { out: values.out }),
    });
}

function wholeNumber(name: string, given: string, most: number): number {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new RangeError(`--${name} is "${given}". Expected a whole number from 1 to ${most}.`);
}

const GOAL_POLICIES = { relevance: 'Attune, w = 0', exploring: 'Attune, w = 0.3', peer: 'epsilon-greedy, 0.3' };

function policiesOf({ settings: { seed, listLength } }: World): WorldPolicy[] {
  return [
    ...[0, 0.1, 0.3, 1].map((weight) => attune(weight, listLength)),
    epsilonGreedy(0.3, streamOf(seed, 'policies', 1)),
    thompsonSampling(streamOf(seed, 'policies', 2)),
  ];
}

async function runPolicies(
  world: World,
  policies: readonly WorldPolicy[],
  { real, sites, out }: { real: boolean; sites: number; out?: string },
): Promise<void> {
  const results = new Map<WorldPolicy, PolicyResult>();
  const waiting = [...policies];
  const lane = async () => {
    const site = await startSite(real, SETTINGS);
    try {
      for (let policy = waiting.shift(); policy; policy = waiting.shift()) {
        results.set(policy, await runPolicy(world, site, policy));
      }
    } finally {
      await site.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(sites, policies.length) }, lane));
  const { days, users, seed } = world.settings;
  const about = `${days} days, ${users} users, seed ${seed}, model updated every ${UPDATE_EVERY_DAYS} days`;
  const ordered = policies.map((policy) => results.get(policy)!);
  printResults(ordered, about);
  printGoals(ordered, GOAL_POLICIES);
  if (out !== undefined) await writeResults(out, ordered, about);
}

async function runPolicy(world: World, site: Site, policy: WorldPolicy): Promise<PolicyResult> {
  const setting = await settle(world, site, policy);
  const startedAt = performance.now();
  const onDay = (day: number) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.error(`${SIMULATED} ${policy.name}: day ${day + 1} of ${world.settings.days}, ${seconds} s`);
  };
  try {
    const measures = await live({ ...setting, updateEveryDays: UPDATE_EVERY_DAYS, onDay });
    const slotsPerDay = measures.total('slots') / world.settings.days;
    return resultOf(world, policy.name, measures, goodNewItems(world, slotsPerDay));
  } finally {
    setting.resources.close();
  }
}

async function runLoad(world: World, real: boolean, rate: number, seconds: number): Promise<void> {
  const site = await startSite(real, SETTINGS);
  try {
    const setting = await settle(world, site, attune(0.3, world.settings.listLength));
    const load = await loadOf(setting, rate, seconds);
    setting.resources.close();
    const unit = `(${SIMULATED} users, ${rate} visits/s asked for, ${load.visits} visits in ${load.seconds.toFixed(0)} s)`;
    printFigure({ name: 'world load: lists', value: load.lists / load.seconds, unit: `lists/s ${unit}` });
    printFigure({ name: 'world load: GetRecommendations p50', value: load.p50, unit: `ms ${unit}` });
    printFigure({ name: 'world load: GetRecommendations p99', value: load.p99, unit: `ms ${unit}` });
  } finally {
    await site.stop();
  }
}

/** Imports the world's history for a policy, and trains on it. */
async function settle(world: World, site: Site, policy: WorldPolicy) {
  const history = inventHistory(world);
  const firstDay = firstDayMs(world, Date.now());
  const files = { interactions: interactionsCsv(history, firstDay), items: itemsCsv(world, firstDay, 0) };
  const name = `world-${policy.name.toLowerCase().replace(/[^a-z\d]+/g, '-')}`;
  const resources = await createResources(site, name, files, policy.exploration);
  return { world, history, firstDay, site, resources, policy };
}
