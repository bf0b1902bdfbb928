import type { Database } from '@attune/database';
import { createBoss } from './boss';
import { QUEUE_NAMES, QUEUE_OPTIONS } from './queues';

/**
 * Brings the queue's own schema up to date. Repeating it changes nothing. To be called where the database is migrated: by
 * one process at a time.
 */
export async function migrateJobs(database: Database): Promise<void> {
  const boss = createBoss(database, { migrate: true });
  await boss.start();
  for (const name of QUEUE_NAMES) {
    await boss.createQueue(name, { name, ...QUEUE_OPTIONS });
    await boss.updateQueue(name, { name, ...QUEUE_OPTIONS });
  }
  await boss.stop({ graceful: false });
}
