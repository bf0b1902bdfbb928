import type { Batch, Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import type { Interaction } from '@attune/domain';
import { Counter, type Logger, type Registry } from '@attune/service';
import type { ItemStatistics, SessionStore } from '@attune/session';
import { applyInteractions } from './applyInteractions';
import { restoreFromArchive } from './restoreFromArchive';

export interface FeatureOptions {
  bus: Bus;
  database: Database;
  sessions: SessionStore;
  statistics: ItemStatistics;
  metrics: Registry;
  logger: Logger;
}

/** The consumer group whose members share the work where user state outlives the process. */
const GROUP = 'feature';

/**
 * Keeps user state and item statistics up to date with the stream of interactions.
 *
 * Where the state is lost with the process, it is taken from the archive, and the events after the archive's position
 * are read again. The same happens when an import changes the archive beneath it.
 */
export async function startFeature(options: FeatureOptions): Promise<Subscription> {
  const { bus, sessions, logger } = options;
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
      for (const datasetGroup of changed) await sessions.clear(datasetGroup);
      await interactions.restart();
      logger.info({ datasetGroups: [...changed] }, 'user state follows the imported interactions');
    },
  });
  logger.info({ volatile: sessions.volatile }, 'feature started');
  return {
    stop: async () => {
      await catalog.stop();
      await interactions.stop();
    },
  };
}

type OnBatch = (batch: Batch<Interaction>) => Promise<void>;

interface Restartable extends Subscription {
  /** Takes item statistics from the archive anew, and goes on from there. */
  restart(): Promise<void>;
}

async function startFromArchive({ bus, database, statistics }: FeatureOptions, onBatch: OnBatch): Promise<Restartable> {
  const start = async () => {
    const from = await restoreFromArchive(database, statistics, topics.interactions.name);
    return bus.follow(topics.interactions, { from, onBatch });
  };
  let subscription = await start();
  return {
    stop: () => subscription.stop(),
    restart: async () => {
      await subscription.stop();
      subscription = await start();
    },
  };
}

async function startFromGroup({ bus, database, statistics }: FeatureOptions, onBatch: OnBatch): Promise<Restartable> {
  const subscription = await bus.subscribe(topics.interactions, { group: GROUP, onBatch });
  return {
    stop: () => subscription.stop(),
    restart: async () => {
      await restoreFromArchive(database, statistics, topics.interactions.name);
    },
  };
}

function applier({ sessions, statistics, database, metrics }: FeatureOptions): OnBatch {
  const applied = new Counter({
    name: 'attune_feature_interactions_total',
    help: 'Interactions applied to user state, those that were given again included.',
    registers: [metrics],
  });
  return async ({ partition, messages }) => {
    await applyInteractions({ sessions, statistics, database }, partition, messages);
    applied.inc(messages.length);
  };
}
