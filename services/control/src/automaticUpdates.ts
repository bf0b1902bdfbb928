import { setTimeout as pause } from 'node:timers/promises';
import {
  changeResources,
  findNewData,
  latestGoodVersion,
  listCampaignsOfSolution,
  listSolutionVersions,
  pageOfSolutions,
  type Queryable,
  type Solution,
  type SolutionVersion,
} from '@attune/database';
import type { ControlMetrics } from './controlMetrics';
import type { ControlParts } from './controlParts';
import { createTraining } from './createTraining';
import { dueTraining } from './trainingSchedule';

type Parts = Pick<ControlParts, 'database' | 'jobs' | 'now' | 'logger'> & {
  metrics: Pick<ControlMetrics, 'automaticTrainings'>;
};

export interface AutomaticUpdatesOptions extends Parts {
  /** How long after its latest version a deployed solution is updated, in seconds. 0: never. */
  updateIntervalSeconds: number;
}

/** Ends the trainings that nobody asks for; those that were begun go on. */
export interface AutomaticUpdates {
  stop(): Promise<void>;
}

/** What was decided on a solution whose time for a training came, by the words of the metric. */
type Decision = 'full' | 'update' | 'nothing_new' | 'no_data' | 'training' | 'taken';

/** Looking often enough that a training is late by a tenth of the interval at most. */
const LOOKS_PER_INTERVAL = 10;
const [SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS] = [200, 60_000];

/** How soon a solution without news is looked at again where there are no updates, only full trainings. */
const LOOK_AGAIN_MS = 3_600_000;

const EVERY_SOLUTION = { limit: 10_000 };

/**
 * Creates the trainings that nobody asks for: updates of deployed solutions, and full trainings on the schedules of
 * solutions with `performAutoTraining`. Any number of processes may do so: the database lets one automatic training of a
 * solution be at a time.
 */
export function startAutomaticUpdates(options: AutomaticUpdatesOptions): AutomaticUpdates {
  const { database, now, logger, updateIntervalSeconds } = options;
  const intervalMs = updateIntervalSeconds * 1000;
  const stopping = new AbortController();
  const { signal } = stopping;
  /** When a solution had nothing to learn from: its data is not looked at again before another interval is over. */
  const lookedAt = new Map<string, number>();

  const look = async () => {
    for (const solution of await pageOfSolutions(database, undefined, EVERY_SOLUTION)) {
      if (signal.aborted) return;
      if (now() - (lookedAt.get(solution.arn) ?? Number.NEGATIVE_INFINITY) < (intervalMs || LOOK_AGAIN_MS)) continue;
      const decision = await consider(options, solution, intervalMs);
      if (decision === 'nothing_new' || decision === 'no_data') lookedAt.set(solution.arn, now());
    }
  };
  const loop = async () => {
    const wait = intervalMs === 0 ? LONGEST_PAUSE_MS : intervalMs / LOOKS_PER_INTERVAL;
    while (!signal.aborted) {
      await look().catch((error: unknown) => logger.error({ err: error }, 'looking for trainings to begin failed'));
      await pause(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, wait)), undefined, { signal }).catch(() => {});
    }
  };
  const running = loop();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** @returns undefined where it is not time for a training */
async function consider(parts: Parts, solution: Solution, intervalMs: number): Promise<Decision | undefined> {
  const { database, now, logger, metrics } = parts;
  const versions = await listSolutionVersions(database, solution.arn);
  const deployed = (await listCampaignsOfSolution(database, solution.arn)).length > 0;
  const trainingMode = dueTraining(solution, versions, { deployed, updateIntervalMs: intervalMs, now: now() });
  if (trainingMode === undefined) return undefined;
  const decision = await decide(parts, solution, versions, trainingMode);
  metrics.automaticTrainings.inc({ decision });
  logger.info({ solution: solution.arn, trainingMode, decision }, 'time for an automatic training');
  return decision;
}

async function decide(
  parts: Parts,
  solution: Solution,
  versions: readonly SolutionVersion[],
  trainingMode: SolutionVersion['trainingMode'],
): Promise<Decision> {
  if (versions.some(({ status }) => /PENDING|IN_PROGRESS|STOPPING/.test(status))) return 'training';
  if (!(await hasNewData(parts.database, solution, trainingMode, versions))) {
    return versions.length === 0 ? 'no_data' : 'nothing_new';
  }
  const training = { solution, trainingMode, trainingType: 'AUTOMATIC' as const };
  const created = await changeResources(parts.database, async (transaction) => {
    const [latest] = await listSolutionVersions(transaction, solution.arn);
    if (latest?.arn !== versions[0]?.arn) return false;
    await createTraining(parts, transaction, training);
    return true;
  });
  // Where there is a version more, another process or a client came first.
  if (!created) return 'taken';
  return trainingMode === 'FULL' ? 'full' : 'update';
}

/** A full training learns what updates since the last one have learned, too; an update what its base has not. */
async function hasNewData(
  db: Queryable,
  { arn, datasetGroup }: Solution,
  trainingMode: SolutionVersion['trainingMode'],
  versions: readonly SolutionVersion[],
): Promise<boolean> {
  const since =
    trainingMode === 'UPDATE'
      ? await latestGoodVersion(db, arn)
      : versions.find((version) => version.trainingMode === 'FULL' && version.status === 'ACTIVE');
  const { interactions, items } = await findNewData(db, datasetGroup, since?.dataMark ?? { interaction: 0, items: 0 });
  return interactions || (since !== undefined && items);
}
