import type { Database } from '@attune/database';
import { NotReadyError } from '@attune/domain';
import type { Logger, Registry } from '@attune/service';
import type PgBoss from 'pg-boss';
import { v7 as timeOrderedId } from 'uuid';
import { bossTransaction, createBoss } from './boss';
import { createJobMetrics } from './jobMetrics';
import type { JobQueue } from './jobQueue';
import { endAllLeases } from './jobRows';
import { Workers } from './workers';

export interface JobQueueOptions {
  database: Database;
  metrics: Registry;
  logger: Logger;
  /**
   * Whether no other process works on this database. What an earlier one left unfinished then begins at once.
   * @default false
   */
  alone?: boolean;
  /**
   * How often to look for work, in milliseconds: one query, however many queues.
   * @default 500
   */
  pollIntervalMs?: number;
}

/** @throws NotReadyError where `migrateJobs` has not run yet */
export async function openJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const { database, logger, alone = false, pollIntervalMs = 500 } = options;
  const boss = createBoss(database, { migrate: false });
  boss.on('error', (error) => logger.error({ err: error }, 'job queue'));
  await start(boss);
  if (alone) {
    await endAllLeases(database);
    await boss.expire();
  }
  const metrics = createJobMetrics(options.metrics);
  const workers = new Workers({ boss, database, logger, metrics, pollIntervalMs });
  return {
    send: async (queue, { arn }, { transaction } = {}) => {
      // Jobs of one moment go by their ids, and PGlite's clock tells milliseconds apart: ids of pg-boss's own are random.
      await boss.send(
        queue,
        { arn },
        { id: timeOrderedId(), ...(transaction && { db: bossTransaction(transaction) }) },
      );
    },
    work: (queue, handler, workOptions) => workers.add(queue, handler, workOptions),
    stop: async () => {
      await workers.stop();
      await boss.stop({ graceful: false });
    },
  };
}

/** pg-boss has two messages where its schema is not the one it works with, and no class. */
async function start(boss: PgBoss): Promise<void> {
  try {
    await boss.start();
  } catch (error) {
    if (!(error instanceof Error && /not installed|requires migrations/.test(error.message))) throw error;
    throw new NotReadyError('The database lacks the job queue. Run attune migrate, then start again.', {
      cause: error,
    });
  }
}
