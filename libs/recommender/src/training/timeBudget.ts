/** The time that a training may take. */
export interface TimeBudget {
  /** Milliseconds since any origin, never going back: `performance.now`. */
  now: () => number;
  /** When the training began, by `now`. */
  startedAt: number;
  /** Default: no limit. */
  timeBudgetSeconds?: number;
}

/** What is left of it: none or less where it is over. */
export function secondsLeft({ now, startedAt, timeBudgetSeconds = Number.POSITIVE_INFINITY }: TimeBudget): number {
  return timeBudgetSeconds - (now() - startedAt) / 1000;
}
