import type { Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { dropOldPartitions, ensurePartitions, SLATES } from '@attune/database';
import { Counter, type Logger, type Registry } from '@attune/service';
import { archiveSlateBatch, type BatchOutcome, batchArchiver } from './archiveBatches';

export interface ArchiveOptions {
  bus: Bus;
  database: Database;
  /** Milliseconds since the epoch. */
  now: () => number;
  /**
   * How many days served lists are kept at least; whole months are dropped. 0: for ever.
   * @default 0
   */
  slateRetentionDays?: number;
  metrics: Registry;
  logger: Logger;
}

/** The consumer groups whose members share the archiving. */
const GROUP = 'archive';
const GROUP_OF_SLATES = 'archive-slates';

/**
 * What a backlog is archived by; where there is none, a batch is what came in meanwhile. COPY takes half as long for
 * an event id in a batch of 5000 as in one of 500, and three quarters for its interaction.
 */
const MAX_BATCH_SIZE = 5000;

/** One batch is decoded and written out while Postgres stores the other; and while one member's are stored, the other reads. */
const [MEMBERS, PARTITIONS_AT_ONCE] = [2, 2];

/** A list takes about 10 kB with its pool, so a batch some megabytes. */
const MAX_SLATES = 500;

const PARTITIONS_EVERY_MS = 3600_000;

/**
 * Keeps every event and every served list in Postgres, exactly once. What a batch brings and the position after it are
 * committed together, and what lies before the position is passed over; so neither a crash nor a rebalance loses or repeats one.
 */
export async function startArchive(options: ArchiveOptions): Promise<Subscription> {
  const { bus, database, metrics, logger } = options;
  const [countInteractions, countSlates] = [
    outcomeCounter(metrics, 'attune_archive_interactions_total', 'Interactions', 'event id'),
    outcomeCounter(metrics, 'attune_archive_slates_total', 'Served lists', 'recommendation id'),
  ];
  await addPartitions(options);
  const dropOld = () =>
    dropOldSlates(options).catch((error: unknown) => logger.warn({ err: error }, 'old lists could not be dropped'));
  await dropOld();
  const timer = setInterval(() => {
    addPartitions(options)
      .catch((error: unknown) => logger.warn({ err: error }, 'partitions could not be added'))
      .then(dropOld);
  }, PARTITIONS_EVERY_MS);
  const archiveBatch = batchArchiver(database);
  const interactions = await bus.subscribe(topics.interactions, {
    group: GROUP,
    maxBatchSize: MAX_BATCH_SIZE,
    members: MEMBERS,
    partitionsAtOnce: PARTITIONS_AT_ONCE,
    onBatch: async (batch) => {
      countInteractions(await archiveBatch(batch));
    },
  });
  const slates = await bus.subscribe(topics.slates, {
    group: GROUP_OF_SLATES,
    maxBatchSize: MAX_SLATES,
    onBatch: async (batch) => {
      countSlates(await archiveSlateBatch(database, batch));
    },
  });
  logger.info('archive started');
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all([interactions.stop(), slates.stop()]);
    },
  };
}

function outcomeCounter(metrics: Registry, name: string, what: string, id: string): (outcome: BatchOutcome) => void {
  const counter = new Counter({
    name,
    help: `${what} written to the archive, and those passed over because their ${id} was there already.`,
    labelNames: ['outcome'],
    registers: [metrics],
  });
  return ({ archived, repeated }) => {
    counter.inc({ outcome: 'archived' }, archived);
    counter.inc({ outcome: 'repeated' }, repeated);
  };
}

async function addPartitions({ database, now, logger }: ArchiveOptions): Promise<void> {
  const added = [...(await ensurePartitions(database, now())), ...(await ensurePartitions(database, now(), SLATES))];
  if (added.length > 0) logger.info({ partitions: added }, 'partitions were added for the coming months');
}

async function dropOldSlates({ database, now, slateRetentionDays = 0, logger }: ArchiveOptions): Promise<void> {
  if (slateRetentionDays === 0) return;
  const dropped = await dropOldPartitions(database, now() - slateRetentionDays * DAY_MS, SLATES);
  if (dropped.length > 0) logger.info({ partitions: dropped }, 'served lists older than their retention were dropped');
}

const DAY_MS = 86_400_000;
