import { type Bus, topics } from '@attune/bus';
import { type Database, listDatasetGroups } from '@attune/database';
import type { ArnScope } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import type { GrpcService, Health, Logger, Registry } from '@attune/service';
import type { ItemStatistics, SessionStore } from '@attune/session';
import type { FastifyPluginAsync } from 'fastify';
import { Askers } from './askers';
import { ColdStart } from './coldStart';
import { createExplain } from './explain';
import { ExplorationPools } from './explorationPools';
import { grpcRecommendations } from './grpcRecommendations';
import { httpRoutes } from './httpRoutes';
import { createInferenceMetrics } from './inferenceMetrics';
import { ItemCatalog } from './itemCatalog';
import { ModelRegistry } from './modelRegistry';
import { createRankItems } from './rankItems';
import { createRecommend } from './recommend';
import { ShownItems } from './shownItems';
import { SlatePublisher } from './slatePublisher';
import { StoreWatch } from './storeWatch';
import { UserHistoryReader } from './userHistoryReader';

export interface InferenceOptions {
  bus: Bus;
  /** Read only: campaigns, items, archived histories. */
  database: Database;
  sessions: SessionStore;
  statistics: ItemStatistics;
  objects: ObjectStore;
  /** Where the campaigns live. */
  scope: ArnScope;
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
  metrics: Registry;
}

/** What inference answers, to be mounted on the servers of the process. */
export interface Inference {
  routes: FastifyPluginAsync;
  grpc: GrpcService;
  /** Names the campaigns that have a model which could not be loaded. */
  health(): Health;
  /** Stops following models and the catalogue, and publishes the slates that are waiting. */
  stop(): Promise<void>;
}

/** Answers what each user should see now, with the newest model of each campaign and the user's latest events. */
export async function startInference(options: InferenceOptions): Promise<Inference> {
  const { bus, database, sessions, statistics, objects, scope, now, logger } = options;
  const metrics = createInferenceMetrics(options.metrics);
  const catalog = new ItemCatalog(database);
  const stores = new StoreWatch({ metrics, logger, now });
  const histories = new UserHistoryReader({ sessions, database, stores, metrics, now });
  const askers = new Askers({ database, stores, now });
  const slates = new SlatePublisher({ bus, logger, metrics });
  const registry = new ModelRegistry({ bus, database, objects, catalog, scope, now, logger, metrics });

  const changes = await bus.follow(topics.catalog, {
    from: 'end',
    onBatch: async ({ messages }) => {
      const changed = new Set(messages.map(({ value }) => value.datasetGroup));
      for (const datasetGroup of changed) {
        histories.clear(datasetGroup);
        askers.clear(datasetGroup);
        await catalog.load(datasetGroup);
      }
    },
  });
  for (const { name } of await listDatasetGroups(database)) await catalog.load(name);
  await registry.start();

  const coldStart = new ColdStart({ statistics, catalog, stores, now });
  const pools = new ExplorationPools({ statistics, catalog, stores, metrics, logger, now });
  const shown = new ShownItems(options.metrics, now);
  const answering = { registry, histories, askers, catalog, slates, metrics, now };
  const recommend = createRecommend({ ...answering, coldStart, pools, shown });
  const rankItems = createRankItems(answering);
  const explain = createExplain(answering);
  return {
    routes: httpRoutes(recommend, rankItems, explain),
    grpc: grpcRecommendations(recommend, rankItems, explain),
    health: () => registry.health(),
    stop: async () => {
      await changes.stop();
      await registry.stop();
      await pools.stop();
      await slates.stop();
    },
  };
}
