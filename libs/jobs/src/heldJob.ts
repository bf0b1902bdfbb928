import type { Database } from '@attune/database';
import { type Logger, secondsSince } from '@attune/service';
import type PgBoss from 'pg-boss';
import { bossTransaction } from './boss';
import type { JobMetrics, JobOutcome } from './jobMetrics';
import type { JobHandler } from './jobQueue';
import { type HeldRow, releaseLease, renewLease } from './jobRows';
import { LEASE_SECONDS } from './queues';

export interface HeldJobParts {
  boss: PgBoss;
  database: Database;
  logger: Logger;
  metrics: JobMetrics;
}

/** Three signs of life may go missing. */
const RENEWAL_MS = (LEASE_SECONDS * 1000) / 4;

/** Before the lease ends: the clock of this process may stand still for a moment after it was read. */
const LOST_AFTER_MS = LEASE_SECONDS * 1000 * 0.8;

/** A job in the hands of this process, from its fetch to its end. */
export class HeldJob {
  private readonly abort = new AbortController();
  private outcome: JobOutcome = 'done';
  private renewedAt = performance.now();

  constructor(
    private readonly parts: HeldJobParts,
    private readonly row: HeldRow,
    private readonly arn: string,
  ) {}

  /** Resolves when the job is done, or is no longer this process's. */
  async run(handler: JobHandler): Promise<void> {
    const { logger, metrics } = this.parts;
    const { queue, attempts } = this.row;
    const start = performance.now();
    const renewal = setInterval(() => void this.renew(), RENEWAL_MS);
    try {
      await handler({ arn: this.arn, attempt: attempts + 1 }, this.abort.signal);
      await this.complete();
    } catch (error) {
      if (this.outcome === 'done') await this.retry(error);
      else if (this.outcome === 'released') await releaseLease(this.parts.database, this.row);
    } finally {
      clearInterval(renewal);
      metrics.countOutcome(queue, this.outcome, secondsSince(start));
      logger.debug({ queue, arn: this.arn, outcome: this.outcome }, 'job ended');
    }
  }

  /** Asks the handler to end, so that the job goes back to the queue. */
  release(): void {
    this.end('released', 'The worker is stopping.');
  }

  /** A sign of life. Where none was written for too long, or another worker has the job, the handler is asked to end. */
  async renew(): Promise<void> {
    try {
      const sentAt = performance.now();
      if (await renewLease(this.parts.database, this.row)) this.renewedAt = sentAt;
      else this.end('lost', 'Another worker has the job: this one was silent for too long.');
    } catch (error) {
      this.parts.logger.warn({ err: error, arn: this.arn }, 'sign of life not written');
    }
    if (performance.now() - this.renewedAt > LOST_AFTER_MS) {
      this.end('lost', 'The database did not take a sign of life in time: another worker may have the job.');
    }
  }

  private end(outcome: JobOutcome, message: string): void {
    if (this.abort.signal.aborted) return;
    this.outcome = outcome;
    this.abort.abort(new Error(message));
  }

  /** In one transaction with a last look at who has the job, so that no other worker's is completed. */
  private async complete(): Promise<void> {
    const { boss, database } = this.parts;
    const { queue, id } = this.row;
    this.outcome = await database.transaction(async (transaction) => {
      if (!(await renewLease(transaction, this.row))) return 'lost';
      await boss.complete(queue, id, {}, { db: bossTransaction(transaction) });
      return 'done';
    });
  }

  /** Where this can't be written either, the lease runs out, to the same effect. */
  private async retry(error: unknown): Promise<void> {
    const { boss, database, logger } = this.parts;
    const { queue, id } = this.row;
    this.outcome = 'retried';
    logger.error({ err: error, queue, arn: this.arn, attempt: this.row.attempts + 1 }, 'job failed');
    const message = error instanceof Error ? error.message : String(error);
    await database.transaction(async (transaction) => {
      if (await renewLease(transaction, this.row)) {
        await boss.fail(queue, id, { message }, { db: bossTransaction(transaction) });
      }
    });
  }
}
