import { startArchive } from '@attune/archive';
import { findPutDataset, startControl } from '@attune/control';
import { findEventTracker } from '@attune/database';
import type { ArnScope } from '@attune/domain';
import { startFeature } from '@attune/feature';
import { startInference } from '@attune/inference';
import { startIngest } from '@attune/ingest';
import type { JobQueue } from '@attune/jobs';
import type { GrpcService, Health, HttpServerOptions, Logger, Registry } from '@attune/service';
import { startTrainer } from '@attune/trainer';
import type { DataFolder } from './dataFolder';
import type { LocalConfig } from './localConfig';
import type { OutsidePart, Parts } from './parts';
import { codeVersion } from './version';

/** Each may be a process of its own, or share one with others: the code is the same. */
export type ServiceName = 'archive' | 'feature' | 'control' | 'inference' | 'trainer' | 'ingest';

/** What a service that runs gives to its process. */
export interface StartedService {
  routes?: HttpServerOptions['routes'][number];
  grpc?: GrpcService | readonly GrpcService[];
  health?(): Health;
  stop(): Promise<void>;
}

/** What services are started with. */
export interface ServiceOptions extends Parts {
  config: LocalConfig;
  folders: DataFolder;
  jobs: JobQueue;
  /** Where the resources of this server live. */
  scope: ArnScope;
  /** Milliseconds since the epoch. */
  now: () => number;
  metrics: Registry;
  logger: Logger;
}

interface Service {
  /** What it does, in a few words for help. */
  description: string;
  /** The servers without which it can't do its work. */
  needs: readonly OutsidePart[];
  start(options: ServiceOptions): Promise<StartedService>;
}

/** Every service, in the order in which one process starts them: what takes work comes last. */
export const SERVICES: Readonly<Record<ServiceName, Service>> = {
  archive: {
    description: 'keeps every event and every served list in Postgres, exactly once',
    needs: ['kafka', 'database'],
    start: ({ config, ...options }) => startArchive({ ...options, slateRetentionDays: config.slateRetentionDays }),
  },
  feature: {
    description: 'keeps user state and item statistics up to date',
    needs: ['kafka', 'database', 'redis'],
    start: startFeature,
  },
  control: {
    description: 'keeps the resources of the Personalize API, over HTTP',
    needs: ['kafka', 'database'],
    start: ({ config, ...options }) => startControl({ ...options, updateIntervalSeconds: config.updateInterval }),
  },
  inference: {
    description: 'answers recommendations over HTTP and gRPC',
    // Without Redis or Postgres its lists are degraded, and better than none.
    needs: [],
    start: startInference,
  },
  trainer: {
    description: 'trains solution versions, one at a time',
    needs: ['kafka', 'database'],
    start: async ({ config, folders, ...options }) =>
      startTrainer({
        ...options,
        workFolder: folders.training,
        artifactRoot: config.modelsUri,
        codeVersion: codeVersion(),
        ...(config.native === 'off' && { backend: 'wasm' as const }),
        ...(config.trainingMemory > 0 && { memoryLimitBytes: config.trainingMemory * 2 ** 20 }),
        ...(config.trainingTimeBudget > 0 && { timeBudgetSeconds: config.trainingTimeBudget }),
      }),
  },
  ingest: {
    description: 'takes events over HTTP, gRPC and the clickstream topic',
    // Trackers that it knows work on without Postgres.
    needs: ['kafka'],
    start: ({ database, ...options }) =>
      startIngest({
        ...options,
        findDatasetGroup: async (trackingId) => (await findEventTracker(database, trackingId))?.datasetGroup,
        metadata: { database, findDataset: (arn) => findPutDataset(database, options.scope, arn) },
      }),
  },
};

export const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];
