import type { Batch, Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import type { DatasetGroupName, Interaction } from '@attune/domain';
import { Counter, type Logger, type Registry } from '@attune/service';
import type { ItemStatistics, ListStore, SessionStore } from '@attune/session';
import { applyInteractions, type Recovery } from './applyInteractions';
import { archiveCatchUp } from './archiveCatchUp';
import { followSlates } from './followSlates';
import { archivedStatistics, restoreFromArchive } from './restoreFromArchive';
import { Turns } from './turns';

export interface FeatureOptions {
  bus: Bus;
  database: Database;
  sessions: SessionStore;
  statistics: ItemStatistics;
  lists: ListStore;
  metrics: Registry;
  logger: Logger;
}

/** The consumer group whose members share the work where user state outlives the process. */
const GROUP = 'feature';

/**
 * A user costs Redis more than an event, and so does an item: a long batch has many events of each. Where no backlog is,
 * batches are short by themselves.
 */
const MAX_BATCH_SIZE = 5000;

/** While Redis applies a batch, the next one is prepared; and while one member's take effect, the other reads. */
const [MEMBERS, PARTITIONS_AT_ONCE] = [2, 2];

/**
 * Keeps user state and item statistics up to date with the stream of interactions.
 *
 * Where the state is lost with the process, it is taken from the archive, and the events after the archive's position
 * are read again. The same happens when an import changes the archive beneath it.
 */
export async function startFeature(options: FeatureOptions): Promise<Subscription> {
  const { bus, sessions, statistics, lists, logger } = options;
  const slates = await followSlates({ bus, lists, statistics, volatile: sessions.volatile });
  const onBatch = applier(options);
  const interactions = sessions.volatile
    ? await startFromArchive(options, onBatch)
    : await startFromGroup(options, onBatch);
  const catalog = await bus.follow(topics.catalog, {
    from: 'end',
    onBatch: async ({ messages }) => {
      const changed = new Set(
        messages.filter(({ value }) => value.kind === 'interactions').map(({ value }) => value.datasetGroup),
      );
      if (changed.size === 0) return;
      await interactions.restart([...changed]);
      logger.info({ datasetGroups: [...changed] }, 'user state follows the imported interactions');
    },
  });
  logger.info({ volatile: sessions.volatile }, 'feature started');
  return {
    stop: async () => {
      await catalog.stop();
      await slates.stop();
      await interactions.stop();
    },
  };
}

type OnBatch = (batch: Batch<Interaction>) => Promise<void>;

interface Restartable extends Subscription {
  /** Forgets the users of these dataset groups, takes item statistics from the archive anew, and goes on from there. */
  restart(datasetGroups: readonly DatasetGroupName[]): Promise<void>;
}

async function startFromArchive(options: FeatureOptions, onBatch: OnBatch): Promise<Restartable> {
  const { bus, database, sessions, statistics } = options;
  const start = async () => {
    const from = await restoreFromArchive(database, statistics);
    return bus.follow(topics.interactions, { from, onBatch });
  };
  let subscription = await start();
  return {
    stop: () => subscription.stop(),
    restart: async (datasetGroups) => {
      await subscription.stop();
      for (const datasetGroup of datasetGroups) await sessions.clear(datasetGroup);
      subscription = await start();
    },
  };
}

/** The state outlives the process, so a group shares the work, and what is lost is noticed and comes from the archive. */
async function startFromGroup(options: FeatureOptions, onBatch: OnBatch): Promise<Restartable> {
  const { bus, database, sessions, statistics } = options;
  const turns = new Turns();
  const subscription = await bus.subscribe(topics.interactions, {
    group: GROUP,
    maxBatchSize: MAX_BATCH_SIZE,
    members: MEMBERS,
    partitionsAtOnce: PARTITIONS_AT_ONCE,
    onBatch: (batch) => turns.together(() => onBatch(batch)),
  });
  return {
    stop: () => subscription.stop(),
    // Each process does the same at its own time, and none loses what another counted meanwhile: what is forgotten comes
    // back as the archive has it once that holds all that was on the bus.
    restart: (datasetGroups) =>
      turns.alone(async () => {
        for (const datasetGroup of datasetGroups) {
          await sessions.clear(datasetGroup);
          await statistics.forget(datasetGroup);
          await statistics.restore(datasetGroup, async () => {
            await archiveCatchUp(bus, database);
            return archivedStatistics(database, datasetGroup);
          });
        }
      }),
  };
}

function applier({ bus, sessions, statistics, lists, database, metrics }: FeatureOptions): OnBatch {
  const applied = new Counter({
    name: 'attune_feature_interactions_total',
    help: 'Interactions applied to user state, those that were given again included.',
    registers: [metrics],
  });
  const recovery: Recovery = {
    restorations: 0,
    archiveCatchUp: () => archiveCatchUp(bus, database),
    archivedStatistics: (datasetGroup) => archivedStatistics(database, datasetGroup),
  };
  const state = { sessions, statistics, lists, database, ...(!sessions.volatile && { recovery }) };
  return async ({ partition, messages }) => {
    await applyInteractions(state, partition, messages);
    applied.inc(messages.length);
  };
}
