import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerRun, shareServer, startServerRun } from '@attune/testing';
import { ATTUNE } from './attuneDemo';
import { type ServiceName, type ServiceProcess, startServiceProcess } from './serviceProcess';

/** Kafka, Redis and Postgres with topics and schema, and the services that were started on them. */
export interface RealServices {
  brokers: string[];
  topicPrefix: string;
  databaseUrl: string;
  /** What a process needs to join them. */
  environment: NodeJS.ProcessEnv;
  /** For files that are gone at the end. */
  folder: string;
  start(name: ServiceName, nodeOptions?: readonly string[]): Promise<ServiceProcess>;
  stop(): Promise<void>;
}

/**
 * The servers of the environment where it names some, else those that are installed here, as the tests have them. Topics
 * and database are new ones; what the services write to a Redis of the environment stays there.
 * @param settings of the services
 */
export async function prepareRealServices(settings: NodeJS.ProcessEnv = {}): Promise<RealServices> {
  const { run, stop } = await startServerRun();
  try {
    return await prepare(run, settings, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(
  run: ServerRun,
  settings: NodeJS.ProcessEnv,
  stopServers: () => Promise<void>,
): Promise<RealServices> {
  const kafka = await shareServer(run, 'kafka');
  const redis = await shareServer(run, 'redis');
  const postgres = await shareServer(run, 'postgres');
  const topicPrefix = kafka.newPrefix();
  const databaseUrl = await postgres.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const environment = {
    ...process.env,
    KAFKA_BROKERS: kafka.url,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    ATTUNE_DATA_DIR: folder,
    ...settings,
  };
  for (const command of ['topics', 'migrate']) {
    await promisify(execFile)(process.execPath, [ATTUNE, command], { env: environment });
  }
  const running: ServiceProcess[] = [];
  return {
    brokers: kafka.brokers,
    topicPrefix,
    databaseUrl,
    environment,
    folder,
    start: async (name, nodeOptions) => {
      const service = await startServiceProcess(name, environment, nodeOptions);
      running.push(service);
      return service;
    },
    stop: async () => {
      for (const service of running.toReversed()) await service.stop();
      await postgres.dropDatabases();
      await stopServers();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
