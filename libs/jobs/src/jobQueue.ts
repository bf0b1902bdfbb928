import type { Queryable } from '@attune/database';
import type { QueueName } from './queues';

/** Work to be done on a resource. The resource's own row says what, and how far it is. */
export interface Job {
  arn: string;
  /** Counted from 1; a job begins anew where its worker died or its handler threw. */
  attempt: number;
}

/**
 * Does a job, and resolves when the resource's row says how it ended, in failure too.
 *
 * A job may run again from the start, after a crash even though it was done: so its last step must be one transaction that
 * changes the row only where it still is in progress. Rejecting means that it should be tried again.
 * @param signal aborted when the worker stops, or was silent for so long that another may have the job: end soon, by
 *   rejecting, and leave the row as it is
 */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

export interface WorkOptions {
  /**
   * The most jobs at one time in this process.
   * @minimum 1 @default 1
   */
  concurrency?: number;
  /**
   * Told of a job that was tried as often as it may be (6 times), so that its resource fails with a reason. Called again
   * until it resolves, possibly by several processes.
   * @param reason what the last attempt threw, or that its workers died
   */
  onGivenUp(arn: string, reason: string): Promise<void>;
}

/** Takes jobs of one queue. */
export interface JobWorker {
  /** Takes no more jobs, aborts those in hand and waits for them; they go back to the queue as if never begun. */
  stop(): Promise<void>;
}

/**
 * Jobs in the database: each is worked on by one worker at a time, in whichever process, oldest first. A job whose process
 * died is another's after 10 s of silence.
 */
export interface JobQueue {
  /** Queues a job. With a transaction, it is there when that commits. */
  send(queue: QueueName, job: { arn: string }, options?: { transaction?: Queryable }): Promise<void>;
  /** Begins to take jobs from a queue, once per process. */
  work(queue: QueueName, handler: JobHandler, options: WorkOptions): JobWorker;
  /** Stops the workers that still run. */
  stop(): Promise<void>;
}
