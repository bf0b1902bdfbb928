import { startArchive } from '@attune/archive';
import { speakRestJson } from '@attune/aws';
import type { Bus } from '@attune/bus';
import { openEmbeddedLog } from '@attune/bus';
import { followModels } from '@attune/control';
import type { Database } from '@attune/database';
import { findEventTracker, migrate, openPglite } from '@attune/database';
import type { ArnScope } from '@attune/domain';
import { startFeature } from '@attune/feature';
import { startInference } from '@attune/inference';
import { startIngest } from '@attune/ingest';
import { directoryObjectStore } from '@attune/objectstore';
import { loadReflection } from '@attune/proto';
import type { Logger, Part } from '@attune/service';
import { createMetrics, startGrpcServer, startHttpServer, stopParts } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions } from '@attune/session';
import { startTrainer } from '@attune/trainer';
import { openDataFolder } from './dataFolder';
import type { LocalConfig } from './localConfig';
import { codeVersion } from './version';

/** All of Attune, running in this process. */
export interface EmbeddedAttune {
  /** Where HTTP and gRPC listen. */
  http: { url: string; port: number };
  grpc: { address: string; port: number };
  /** What the control plane's functions need, until it has an API of its own. */
  control: { database: Database; bus: Bus; scope: ArnScope; now(): number };
  folders: Awaited<ReturnType<typeof openDataFolder>>;
  /** The parts in the order of their start, for the graceful stop. */
  parts: readonly Part[];
  stop(): Promise<boolean>;
}

/** Where artifacts go. */
const ARTIFACT_ROOT = 's3://attune/models';

/**
 * Starts every service in this process on the embedded parts: PGlite, the log in it, user state in memory, a folder of
 * objects. This is the one place where the choice of parts is made.
 * @throws InvalidInputError where the data folder is in use, or a port is taken
 */
export async function startEmbedded(config: LocalConfig, logger: Logger): Promise<EmbeddedAttune> {
  const parts: Part[] = [];
  const keep = <Started extends { stop(): Promise<void> }>(name: string, started: Started): Started => {
    parts.push({ name, stop: () => started.stop() });
    return started;
  };
  try {
    return await startParts(config, logger, parts, keep);
  } catch (error) {
    await stopParts(parts, { logger });
    throw error;
  }
}

async function startParts(
  config: LocalConfig,
  logger: Logger,
  parts: Part[],
  keep: <Started extends { stop(): Promise<void> }>(name: string, started: Started) => Started,
): Promise<EmbeddedAttune> {
  const now = Date.now;
  const metrics = createMetrics();
  const folders = await openDataFolder(config.dataDir);
  const database = await openPglite(folders.database);
  keep('database', { stop: () => database.close() });
  await migrate(database);
  const bus = await openEmbeddedLog({ database, logger });
  keep('bus', { stop: () => bus.close() });
  const sessions = inMemorySessions();
  const statistics = inMemoryItemStatistics();
  const objects = directoryObjectStore(folders.objects);

  keep('archive', await startArchive({ bus, database, metrics, logger }));
  keep('feature', await startFeature({ bus, database, sessions, statistics, metrics, logger }));
  keep('control', await followModels({ bus, database, now, logger }));
  const inference = keep(
    'inference',
    await startInference({ bus, database, sessions, statistics, objects, now, logger, metrics }),
  );
  keep(
    'trainer',
    await startTrainer({
      bus,
      database,
      objects,
      metrics,
      logger,
      now,
      workFolder: folders.training,
      artifactRoot: ARTIFACT_ROOT,
      codeVersion: codeVersion(),
      ...(config.native === 'off' && { backend: 'wasm' as const }),
      ...(config.trainingTimeBudget > 0 && { timeBudgetSeconds: config.trainingTimeBudget }),
    }),
  );
  const ingest = startIngest({
    bus,
    findDatasetGroup: async (trackingId) => (await findEventTracker(database, trackingId))?.datasetGroup,
    now,
    metrics,
  });

  const { host } = config;
  const http = keep(
    'http',
    await startHttpServer({
      host,
      port: config.port,
      logger,
      metrics,
      configure: speakRestJson,
      routes: [ingest.routes, inference.routes],
      health: async () => inference.health(),
    }),
  );
  const grpc = keep(
    'grpc',
    await startGrpcServer({
      host,
      port: config.grpcPort,
      logger,
      metrics,
      services: [ingest.grpc, inference.grpc],
      reflection: loadReflection(),
    }),
  );
  grpc.setServing(true);
  logger.info({ http: http.port, grpc: grpc.port, dataFolder: folders.root }, 'attune is ready');
  return {
    http: { port: http.port, url: `http://${host}:${http.port}` },
    grpc: { port: grpc.port, address: `${host}:${grpc.port}` },
    control: { database, bus, now, scope: { region: config.region, accountId: config.accountId } },
    folders,
    parts,
    stop: () => stopParts(parts, { logger }),
  };
}
