import { type Bus, type KafkaConnection, openEmbeddedLog, openKafkaBus, topics } from '@attune/bus';
import { type Database, migrate, openPglite, openPostgres } from '@attune/database';
import { InvalidInputError } from '@attune/domain';
import { directoryObjectStore, type ObjectStore, s3ObjectStore } from '@attune/objectstore';
import type { Logger, Part, Registry } from '@attune/service';
import {
  type ItemStatistics,
  inMemoryItemStatistics,
  inMemoryLists,
  inMemorySessions,
  type ListStore,
  openRedis,
  redisItemStatistics,
  redisLists,
  redisSessions,
  type SessionStore,
} from '@attune/session';
import type { DataFolder } from './dataFolder';
import type { LocalConfig } from './localConfig';
import type { PartsConfig } from './partsConfig';

/** What the services work with. */
export interface Parts {
  database: Database;
  bus: Bus;
  sessions: SessionStore;
  statistics: ItemStatistics;
  lists: ListStore;
  objects: ObjectStore;
  /** Asks each outside server for a sign of life; what is embedded is not here. */
  checks: Readonly<Partial<Record<OutsidePart, () => Promise<void>>>>;
}

/** The parts that may be servers of their own. */
export type OutsidePart = 'kafka' | 'database' | 'redis';

export interface OpenPartsOptions {
  config: LocalConfig;
  folder: DataFolder;
  /** Names the process at Kafka, Postgres and Redis. */
  name: string;
  logger: Logger;
  metrics: Registry;
  /** Takes each part that was opened, to be closed in reverse order. */
  opened: Part[];
}

/**
 * Opens the parts that the configuration names, each real or embedded: the one place where that choice is made.
 * @throws UnavailableError where Kafka or Postgres can't be reached; Redis may come later
 */
export async function openParts({ config, folder, name, logger, metrics, opened }: OpenPartsOptions): Promise<Parts> {
  const database = await openDatabase(config, folder, name);
  opened.push({ name: 'database', stop: () => database.close() });
  const bus = config.kafkaBrokers
    ? await openKafkaBus({ ...kafkaConnection(config, name, logger), metrics })
    : await openEmbeddedLog({ database, logger });
  opened.push({ name: 'bus', stop: () => bus.close() });
  const { sessions, statistics, lists, ping } = await openState(config, name, opened);
  return {
    database,
    bus,
    sessions,
    statistics,
    lists,
    objects: openObjects(config, folder, opened),
    checks: {
      ...(config.kafkaBrokers && { kafka: async () => void (await bus.ends(topics.interactions)) }),
      ...(config.databaseUrl && { database: async () => void (await database.query('select 1')) }),
      ...(ping && { redis: ping }),
    },
  };
}

/** How to reach Kafka. @throws InvalidInputError where KAFKA_BROKERS is not set */
export function kafkaConnection(config: PartsConfig, clientId: string, logger: Logger): KafkaConnection {
  if (!config.kafkaBrokers) throw new InvalidInputError('KAFKA_BROKERS is not set. It must name the brokers of Kafka.');
  const { kafkaSasl: mechanism, kafkaUsername: username, kafkaPassword: password, kafkaTlsCa: ca } = config;
  return {
    brokers: config.kafkaBrokers.split(',').map((broker) => broker.trim()),
    clientId,
    logger,
    topicPrefix: config.kafkaTopicPrefix,
    ...(config.kafkaTls === 'on' && { tls: ca ? { ca } : {} }),
    ...(mechanism !== 'none' && { sasl: { mechanism, username, password } }),
  };
}

/** The database of the configuration, its schema up to date where it is embedded. */
async function openDatabase(config: LocalConfig, folder: DataFolder, name: string): Promise<Database> {
  if (config.databaseUrl) return openServerDatabase(config, name);
  const database = await openPglite(folder.database);
  await migrate(database);
  return database;
}

/** @throws UnavailableError where Postgres can't be reached */
export function openServerDatabase(config: PartsConfig, name: string): Promise<Database> {
  const { databaseUrl: url, databasePassword: password, databaseTlsCa: ca } = config;
  return openPostgres({
    url,
    poolSize: config.databasePoolSize,
    applicationName: name,
    ...(password && { password }),
    ...(config.databaseTls === 'on' && { tls: ca ? { ca } : {} }),
  });
}

async function openState(config: PartsConfig, name: string, opened: Part[]) {
  if (!config.redisUrl)
    return { sessions: inMemorySessions(), statistics: inMemoryItemStatistics(), lists: inMemoryLists() };
  const { redisUrl: url, redisPassword: password, redisTlsCa: ca } = config;
  const redis = await openRedis({
    url,
    cluster: config.redisCluster === 'on',
    connectionName: name,
    ...(password && { password }),
    ...(ca && { ca }),
  });
  opened.push({ name: 'redis', stop: async () => redis.close() });
  return {
    sessions: redisSessions({ redis }),
    statistics: redisItemStatistics({ redis }),
    lists: redisLists({ redis }),
    ping: () => redis.ping(),
  };
}

/** The object store of the configuration. */
export function openObjects(config: PartsConfig, folder: DataFolder, opened: Part[]): ObjectStore {
  if (config.objectStore === 'folder') return directoryObjectStore(folder.objects);
  const {
    s3Endpoint: endpoint,
    s3Region: region,
    s3AccessKeyId: accessKeyId,
    s3SecretAccessKey: secretAccessKey,
  } = config;
  const objects = s3ObjectStore({
    region,
    ...(endpoint && { endpoint }),
    ...(accessKeyId && { credentials: { accessKeyId, secretAccessKey } }),
  });
  opened.push({ name: 'objects', stop: async () => objects.close() });
  return objects;
}
