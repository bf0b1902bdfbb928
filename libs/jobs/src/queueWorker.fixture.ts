import { setTimeout as pause } from 'node:timers/promises';
import { openPglite, openPostgres } from '@attune/database';
import { createLogger, createMetrics } from '@attune/service';
import { migrateJobs } from './migrateJobs';
import { openJobQueue } from './openJobQueue';

/**
 * A process that takes jobs from the queue "training" and never ends them. It tells its parent which it began, and which it
 * had to leave to others.
 */
async function main([place = '']: readonly string[]): Promise<void> {
  const embedded = !place.startsWith('postgres');
  const database = embedded ? await openPglite(place) : await openPostgres({ url: place });
  if (embedded) await migrateJobs(database);
  const logger = createLogger({ service: 'worker', level: 'silent' });
  const queue = await openJobQueue({ database, logger, metrics: createMetrics(), alone: embedded });
  if (embedded) await queue.send('training', { arn: 'a' });
  queue.work(
    'training',
    async ({ arn }, signal) => {
      process.send?.({ began: arn });
      await pause(600_000, undefined, { signal }).catch(() => process.send?.({ left: arn }));
      signal.throwIfAborted();
    },
    { onGivenUp: async () => {} },
  );
}

void main(process.argv.slice(2));
