import { Counter, Gauge, Histogram, type Registry } from '@attune/service';
import type { QueueState } from './jobRows';
import { QUEUE_NAMES, type QueueName } from './queues';

/** `done`: its handler resolved. `retried`: it threw. `released`: the worker stopped. `lost`: the worker was silent too long. */
export type JobOutcome = 'done' | 'retried' | 'released' | 'lost';

export interface JobMetrics {
  showStates(states: readonly QueueState[]): void;
  countOutcome(queue: QueueName, outcome: JobOutcome, seconds: number): void;
  countGivenUp(queue: QueueName): void;
}

/** Jobs take from milliseconds to hours. In seconds, each four times the one before. */
const DURATION_BUCKETS = [0.1, 0.4, 1.6, 6.4, 25.6, 102.4, 409.6, 1638.4, 6553.6];

export function createJobMetrics(registry: Registry): JobMetrics {
  const registers = [registry];
  const jobs = new Gauge({
    name: 'attune_jobs',
    help: 'Jobs in the database, by queue and state, as this process saw them last.',
    labelNames: ['queue', 'state'],
    registers,
  });
  const outcomes = new Histogram({
    name: 'attune_job_seconds',
    help: 'Attempts at jobs in this process, by outcome.',
    labelNames: ['queue', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const givenUp = new Counter({
    name: 'attune_jobs_given_up_total',
    help: 'Jobs that failed as often as they may.',
    labelNames: ['queue'],
    registers,
  });
  return {
    showStates: (states) => {
      for (const queue of QUEUE_NAMES) {
        const state = states.find((each) => each.queue === queue);
        jobs.set({ queue, state: 'waiting' }, state?.waiting ?? 0);
        jobs.set({ queue, state: 'held' }, state?.held ?? 0);
      }
    },
    countOutcome: (queue, outcome, seconds) => outcomes.observe({ queue, outcome }, seconds),
    countGivenUp: (queue) => givenUp.inc({ queue }),
  };
}
