import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaTopics, openKafkaBus } from '@attune/bus';
import {
  ensureCampaign,
  ensureDatasetGroup,
  ensureEventTracker,
  ensureSolution,
  importDataset,
  startSolutionVersion,
} from '@attune/control';
import { findCampaign, findSolutionVersion, migrate, openPostgres, type SolutionVersionStatus } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { migrateJobs, openJobQueue } from '@attune/jobs';
import { createLogger, createMetrics } from '@attune/service';
import { openRedis, redisItemStatistics, redisSessions } from '@attune/session';
import type { OwnServer } from '@attune/testing';
import { SERVICE_NAMES, type ServiceName } from '../services';
import { generatedClicks } from '../testing/generatedClicks';
import { type Accounts, eventually } from './accounts';
import { ServiceProcess } from './serviceProcess';

export interface OwnServers {
  kafka: OwnServer<'kafka'>;
  redis: OwnServer<'redis'>;
  postgres: OwnServer<'postgres'>;
}

/** Every service as a process of its own, on servers of its own, with a campaign that serves a model. */
export interface System {
  services: Readonly<Record<ServiceName, ServiceProcess>>;
  accounts: Accounts;
  trackingId: string;
  campaignArn: string;
  /** Starts one more process of a service. */
  add(service: ServiceName): Promise<ServiceProcess>;
  flushRedis(): Promise<void>;
  /** Starts a training of the campaign's solution. @returns the ARN of its solution version */
  train(): Promise<string>;
  /** Resolves when the training is so far, and fails where it does not come so far. */
  trainingIs(status: SolutionVersionStatus, solutionVersionArn: string): Promise<void>;
  /** The solution version that the campaign serves. */
  served(): Promise<string | undefined>;
  stop(): Promise<void>;
}

const GROUP = datasetGroupName('faults');
const TRAINING_SECONDS = 5;
/** A training whose trainer was killed is missed after 30 s, and then begins anew. */
const TRAINING_PATIENCE_MS = 150_000;

export async function startSystem(servers: OwnServers): Promise<System> {
  const dataDir = await mkdtemp(join(tmpdir(), 'attune-faults-'));
  const logger = createLogger({ service: 'faults', level: 'silent' });
  const url = await servers.postgres.createDatabase();
  const connection = { brokers: servers.kafka.brokers, clientId: 'faults', logger };
  await createKafkaTopics(connection);
  const database = await openPostgres({ url });
  await migrate(database);
  await migrateJobs(database);
  const bus = await openKafkaBus(connection);
  const redis = await openRedis({ url: servers.redis.url });

  const environment = {
    ...process.env,
    KAFKA_BROKERS: servers.kafka.url,
    DATABASE_URL: url,
    REDIS_URL: servers.redis.url,
    ATTUNE_DATA_DIR: dataDir,
    ATTUNE_TRAINING_TIME_BUDGET: String(TRAINING_SECONDS),
  };
  const processes: ServiceProcess[] = [];
  const add = async (service: ServiceName) => {
    const process = new ServiceProcess(service, environment);
    processes.push(process);
    await process.start();
    return process;
  };
  const services = {} as Record<ServiceName, ServiceProcess>;
  for (const service of SERVICE_NAMES) services[service] = await add(service);

  const jobs = await openJobQueue({ database, metrics: createMetrics(), logger });
  const scope = { region: 'us-east-1', accountId: '000000000000' };
  const control = { database, bus, jobs, now: Date.now, scope };
  await ensureDatasetGroup(control, GROUP);
  const trackingId = await ensureEventTracker(control, GROUP);
  const clicks = join(dataDir, 'clicks.csv');
  await writeFile(clicks, generatedClicks());
  await importDataset(control, { datasetGroup: GROUP, files: { interactions: clicks } });
  const solutionArn = await ensureSolution(control, { name: GROUP, datasetGroup: GROUP });
  const campaignArn = await ensureCampaign(control, { name: GROUP, datasetGroup: GROUP, solutionArn });
  const train = () => startSolutionVersion(control, { solutionArn, datasetGroup: GROUP });
  const served = async () => (await findCampaign(database, campaignArn))?.solutionVersionArn;
  await train();
  await eventually(async () => expect(await served()).toBeDefined());

  return {
    services,
    accounts: {
      bus,
      database,
      sessions: redisSessions({ redis }),
      statistics: redisItemStatistics({ redis }),
      datasetGroup: GROUP,
    },
    trackingId,
    campaignArn,
    add,
    train,
    trainingIs: async (status, arn) => {
      await eventually(
        async () => expect(await findSolutionVersion(database, arn)).toMatchObject({ status }),
        TRAINING_PATIENCE_MS,
      );
    },
    served,
    flushRedis: async () => void (await redis.run((client) => client.flushall())),
    stop: async () => {
      for (const process of processes) await process.stop();
      redis.close();
      await jobs.stop();
      await bus.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
