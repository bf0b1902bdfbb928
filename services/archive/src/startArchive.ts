import type { Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { ensurePartitions } from '@attune/database';
import { Counter, type Logger, type Registry } from '@attune/service';
import { batchArchiver } from './archiveBatches';

export interface ArchiveOptions {
  bus: Bus;
  database: Database;
  /** Milliseconds since the epoch. */
  now: () => number;
  metrics: Registry;
  logger: Logger;
}

/** The consumer group whose members share the archiving. */
const GROUP = 'archive';

/**
 * What a backlog is archived by; where there is none, a batch is what came in meanwhile. COPY takes half as long for
 * an event id in a batch of 5000 as in one of 500, and three quarters for its interaction.
 */
const MAX_BATCH_SIZE = 5000;

/** One batch is decoded and written out while Postgres stores the other. */
const PARTITIONS_AT_ONCE = 2;

const PARTITIONS_EVERY_MS = 3600_000;

/**
 * Keeps every event in Postgres, exactly once. The interactions of a batch and the position after it are committed
 * together, and what lies before the position is passed over; so neither a crash nor a rebalance loses or repeats one.
 */
export async function startArchive({ bus, database, now, metrics, logger }: ArchiveOptions): Promise<Subscription> {
  const archived = new Counter({
    name: 'attune_archive_interactions_total',
    help: 'Interactions written to the archive, and those passed over because their event id was there already.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const addPartitions = async () => {
    const added = await ensurePartitions(database, now());
    if (added.length > 0) logger.info({ partitions: added }, 'partitions were added for the coming months');
  };
  await addPartitions();
  const timer = setInterval(() => {
    addPartitions().catch((error: unknown) => logger.warn({ err: error }, 'partitions could not be added'));
  }, PARTITIONS_EVERY_MS);
  const archiveBatch = batchArchiver(database);
  const subscription = await bus.subscribe(topics.interactions, {
    group: GROUP,
    maxBatchSize: MAX_BATCH_SIZE,
    partitionsAtOnce: PARTITIONS_AT_ONCE,
    onBatch: async (batch) => {
      const outcome = await archiveBatch(batch);
      archived.inc({ outcome: 'archived' }, outcome.archived);
      archived.inc({ outcome: 'repeated' }, outcome.repeated);
    },
  });
  logger.info('archive started');
  return {
    stop: async () => {
      clearInterval(timer);
      await subscription.stop();
    },
  };
}
