/** What a campaign promises each new item, where traffic allows. */
export interface ExposurePromise {
  /** So many impressions; 0 promises none. */
  exposureImpressions: number;
  /** Within so many hours of its appearance. */
  exposureHours: number;
}

/**
 * The share of the promised time by which the pace runs ahead: reports come after the lists, and a promise that is kept only
 * at the last moment is kept for half of the items.
 */
const HEAD_START = 0.1;

/** The share of the promised impressions by which an item may be behind its pace before it is as urgent as can be. */
const FULL_URGENCY = 0.1;

/**
 * How many impressions an item should have had by now, spread evenly over the promised time.
 * @param ageHours since its appearance
 */
export function promisedByNow({ exposureImpressions, exposureHours }: ExposurePromise, ageHours: number): number {
  const pace = Math.min(1, ageHours / exposureHours / (1 - HEAD_START) + HEAD_START);
  return exposureImpressions * pace;
}

/** Whether an item is within the time in which it is promised impressions. */
export function isPromised({ exposureImpressions, exposureHours }: ExposurePromise, ageHours: number): boolean {
  return exposureImpressions > 0 && ageHours <= exposureHours;
}

/**
 * How urgently an item needs impressions: 0 where it is not behind its pace or nothing is promised to it, 1 at most.
 * @param ageHours since its appearance; undefined where nothing tells: then it has just appeared
 * @param impressions reported so far, not discounted
 */
export function exposureUrgency(promise: ExposurePromise, ageHours: number | undefined, impressions: number): number {
  if (!isPromised(promise, ageHours ?? 0)) return 0;
  const behind = promisedByNow(promise, ageHours ?? 0) - impressions;
  if (behind <= 0) return 0;
  return Math.min(1, behind / (FULL_URGENCY * promise.exposureImpressions));
}
