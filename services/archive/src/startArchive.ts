import type { Batch, Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { advanceArchivePositions, archiveInteractions, ensurePartitions, readArchivePositions } from '@attune/database';
import type { Interaction } from '@attune/domain';
import { Counter, type Logger, type Registry } from '@attune/service';

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
  const subscription = await bus.subscribe(topics.interactions, {
    group: GROUP,
    onBatch: (batch) => archiveBatch(database, batch, archived),
  });
  logger.info('archive started');
  return {
    stop: async () => {
      clearInterval(timer);
      await subscription.stop();
    },
  };
}

async function archiveBatch(
  database: Database,
  { topic, partition, messages }: Batch<Interaction>,
  archived: Counter<'outcome'>,
): Promise<void> {
  const last = messages.at(-1);
  if (!last) return;
  const counts = await database.transaction(async (transaction) => {
    const position = (await readArchivePositions(transaction, topic)).get(partition) ?? 0;
    const unread = messages.filter((message) => message.offset >= position);
    if (unread.length === 0) return undefined;
    const inserted = await archiveInteractions(
      transaction,
      unread.map(({ value, offset }) => ({ ...value, partition, offset })),
    );
    await advanceArchivePositions(transaction, topic, new Map([[partition, last.offset + 1]]));
    return { inserted, repeated: unread.length - inserted };
  });
  if (!counts) return;
  archived.inc({ outcome: 'archived' }, counts.inserted);
  archived.inc({ outcome: 'repeated' }, counts.repeated);
}
