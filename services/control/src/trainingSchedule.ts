import type { Solution, SolutionVersion } from '@attune/database';

const DAY_MS = 24 * 3600 * 1000;

/** So long after its creation a solution that no one has trained trains for the first time: the API's rule. */
const FIRST_TRAINING_MS = 3600 * 1000;

export interface ScheduleFacts {
  /** Whether the solution has a campaign. */
  deployed: boolean;
  /** How long after its latest version a deployed solution is updated, in milliseconds. 0: never. */
  updateIntervalMs: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Which training of a solution is due: a full one by the schedule of its autoTrainingConfig, else an update so long after
 * its latest version. A training counts from its beginning, whatever became of it.
 * @param versions latest first
 */
export function dueTraining(
  { definition, createdAt }: Pick<Solution, 'definition' | 'createdAt'>,
  versions: readonly SolutionVersion[],
  { deployed, updateIntervalMs, now }: ScheduleFacts,
): SolutionVersion['trainingMode'] | undefined {
  const intervalDays = fullTrainingDays(definition);
  if (intervalDays !== undefined) {
    const latestFull = versions.find(({ trainingMode }) => trainingMode === 'FULL');
    const dueAt = latestFull ? latestFull.createdAt + intervalDays * DAY_MS : createdAt + FIRST_TRAINING_MS;
    if (now >= dueAt) return 'FULL';
  }
  const updatable = versions.some(({ status }) => status === 'ACTIVE');
  if (!deployed || !updatable || updateIntervalMs === 0) return undefined;
  return now >= versions[0]!.createdAt + updateIntervalMs ? 'UPDATE' : undefined;
}

/** `rate(7 days)` of a solution that trains by itself. */
function fullTrainingDays({ performAutoTraining, solutionConfig }: Solution['definition']): number | undefined {
  if (performAutoTraining !== true) return undefined;
  const { schedulingExpression } = (solutionConfig?.autoTrainingConfig ?? {}) as { schedulingExpression?: string };
  const days = Number(/^rate\((\d+) days?\)$/.exec(schedulingExpression ?? '')?.[1]);
  return Number.isFinite(days) ? days : undefined;
}
