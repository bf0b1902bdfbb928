import { setTimeout as pause } from 'node:timers/promises';
import { HeldJob, type HeldJobParts } from './heldJob';
import type { JobHandler, JobWorker, WorkOptions } from './jobQueue';
import { type QueueState, readFailedJobs, readQueueStates } from './jobRows';
import type { QueueName } from './queues';

interface Worker extends WorkOptions {
  handler: JobHandler;
  held: Map<HeldJob, Promise<void>>;
}

interface WorkersParts extends HeldJobParts {
  pollIntervalMs: number;
}

/** How often jobs that were done an hour ago leave pg-boss's table, in milliseconds. */
const TIDY_INTERVAL_MS = 600_000;

/** The workers of one process: one loop looks for the work of all of them. */
export class Workers {
  private readonly workers = new Map<QueueName, Worker>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private looking: Promise<void> = Promise.resolve();
  private tidiedAt = 0;

  constructor(private readonly parts: WorkersParts) {}

  add(queue: QueueName, handler: JobHandler, options: WorkOptions): JobWorker {
    if (this.workers.has(queue)) throw new Error(`This process works on the queue "${queue}" already.`);
    this.workers.set(queue, { ...options, handler, held: new Map() });
    this.loop ??= this.run();
    return { stop: () => this.remove(queue) };
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.workers.keys()].map((queue) => this.remove(queue)));
    await this.loop;
  }

  private async remove(queue: QueueName): Promise<void> {
    const worker = this.workers.get(queue);
    if (!worker) return;
    this.workers.delete(queue);
    // It may be about to begin another job.
    await this.looking;
    for (const job of worker.held.keys()) job.release();
    await Promise.all(worker.held.values());
  }

  private async run(): Promise<void> {
    const { logger, pollIntervalMs } = this.parts;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.looking = this.look().catch((error: unknown) => logger.error({ err: error }, 'looking for jobs failed'));
      await this.looking;
      await pause(pollIntervalMs, undefined, { signal }).catch(() => {});
    }
  }

  private async look(): Promise<void> {
    const { boss, database, metrics } = this.parts;
    let states = await readQueueStates(database);
    if (states.some(({ lapsed }) => lapsed > 0)) {
      // Where this process itself stood still, its jobs are not to be taken for those of the dead.
      await Promise.all(this.held().map((job) => job.renew()));
      await boss.expire();
      states = await readQueueStates(database);
    }
    metrics.showStates(states);
    for (const state of states) await this.serve(state);
    if (performance.now() - this.tidiedAt > TIDY_INTERVAL_MS) {
      await boss.maintain();
      this.tidiedAt = performance.now();
    }
  }

  private held(): HeldJob[] {
    return [...this.workers.values()].flatMap(({ held }) => [...held.keys()]);
  }

  private async serve({ queue, due, failed }: QueueState): Promise<void> {
    const worker = this.workers.get(queue);
    if (!worker) return;
    if (failed > 0) await this.giveUp(queue, worker);
    const free = (worker.concurrency ?? 1) - worker.held.size;
    if (due === 0 || free <= 0) return;
    const rows = await this.parts.boss.fetch<{ arn: string }>(queue, { batchSize: free, includeMetadata: true });
    for (const { id, data, retryCount } of rows) {
      this.start(worker, new HeldJob(this.parts, { queue, id, attempts: retryCount }, data.arn));
    }
  }

  private start(worker: Worker, job: HeldJob): void {
    const running = job
      .run(worker.handler)
      .catch((error: unknown) => this.parts.logger.error({ err: error }, 'the end of a job could not be written'))
      .finally(() => worker.held.delete(job));
    worker.held.set(job, running);
  }

  private async giveUp(queue: QueueName, { onGivenUp }: Worker): Promise<void> {
    const { boss, database, logger, metrics } = this.parts;
    for (const { id, arn, reason } of await readFailedJobs(database, queue)) {
      await onGivenUp(arn, reason ?? 'the processes that worked on it died');
      await boss.deleteJob(queue, id);
      metrics.countGivenUp(queue);
      logger.error({ queue, arn, reason }, 'job given up');
    }
  }
}
