import { speakRestJson } from '@attune/aws';
import type { ControlParts } from '@attune/control';
import { migrate, requireSchema } from '@attune/database';
import { migrateJobs, openJobQueue } from '@attune/jobs';
import { loadReflection } from '@attune/proto';
import type { GrpcServerOptions, Logger, Part } from '@attune/service';
import { createMetrics, startGrpcServer, startHttpServer, startTracing, stopParts } from '@attune/service';
import { openAccess } from './access';
import type { DataFolder } from './dataFolder';
import { openDataFolder } from './dataFolder';
import type { LocalConfig } from './localConfig';
import { openParts } from './parts';
import { readiness } from './readiness';
import { SERVICE_NAMES, SERVICES, type ServiceName, type StartedService } from './services';
import { codeVersion } from './version';

/** The services of this process, running. */
export interface Attune {
  /** Where HTTP and gRPC listen. */
  http: { url: string; port: number };
  grpc: { address: string; port: number };
  /** What the control plane's functions need. */
  control: ControlParts;
  folders: DataFolder;
  /** The parts in the order of their start, for the graceful stop. */
  parts: readonly Part[];
  stop(): Promise<boolean>;
}

export interface StartOptions {
  config: LocalConfig;
  logger: Logger;
  /** @default all of them, in this one process */
  services?: readonly ServiceName[];
}

/**
 * Starts services in this process, on the parts that the configuration names, with one HTTP and one gRPC server for all.
 * @throws InvalidInputError where the configuration can't be, the data folder is in use, or a port is taken
 * @throws UnavailableError where Kafka or Postgres can't be reached
 * @throws NotReadyError where the database's schema is not the one that this version works with
 */
export async function startAttune(options: StartOptions): Promise<Attune> {
  const parts: Part[] = [];
  try {
    return await startParts(options, parts);
  } catch (error) {
    await stopParts(parts, options);
    throw error;
  }
}

async function startParts({ config, logger, services = SERVICE_NAMES }: StartOptions, parts: Part[]): Promise<Attune> {
  const alone = services.length === SERVICE_NAMES.length;
  const name = alone ? 'attune' : `attune-${services.join('-')}`;
  const tracing = startTracing({ service: name, version: codeVersion(), endpoint: config.tracesEndpoint });
  if (tracing) parts.push(tracing);
  const access = await openAccess(config, logger, parts);
  const metrics = createMetrics();
  const folders = await openDataFolder(config.dataDir);
  const opened = await openParts({ config, folder: folders, name, logger, metrics, opened: parts });
  // One process for all prepares its database by itself; of several, none changes the schema under the others.
  const { database, bus, objects } = opened;
  if (alone) {
    await migrate(database);
    await migrateJobs(database);
  } else {
    await requireSchema(database);
  }
  const jobs = await openJobQueue({ database, metrics, logger, alone: !config.databaseUrl });
  parts.push({ name: 'jobs', stop: () => jobs.stop() });
  const scope = { region: config.region, accountId: config.accountId };

  const started: StartedService[] = [];
  for (const service of services) {
    const running = await SERVICES[service].start({
      ...opened,
      jobs,
      scope,
      config,
      folders,
      now: Date.now,
      metrics,
      logger,
    });
    parts.push({ name: service, stop: () => running.stop() });
    started.push(running);
  }
  const { host } = config;
  const http = await startHttpServer({
    host,
    port: config.port,
    logger,
    metrics,
    configure: speakRestJson,
    ...access.http,
    routes: started.flatMap(({ routes }) => routes ?? []),
    health: readiness(services, opened.checks, started),
  });
  parts.push({ name: 'http', stop: () => http.stop() });
  const grpc = await startGrpcServer({
    host,
    port: config.grpcPort,
    logger,
    metrics,
    services: started.flatMap((service) => service.grpc ?? []),
    reflection: loadReflection(),
    ...access.grpc,
    ...grpcTls(config),
  });
  parts.push({ name: 'grpc', stop: () => grpc.stop() });
  grpc.setServing(true);
  logger.info({ services, http: http.port, grpc: grpc.port, dataFolder: folders.root }, 'attune is ready');
  return {
    http: { port: http.port, url: `http://${host}:${http.port}` },
    grpc: { port: grpc.port, address: `${host}:${grpc.port}` },
    control: { database, bus, objects, jobs, scope, now: Date.now, logger },
    folders,
    parts,
    stop: () => stopParts(parts, { logger }),
  };
}

function grpcTls({
  grpcTlsCertificate: certificate,
  grpcTlsKey: privateKey,
  grpcTlsClientCa: clientCa,
}: LocalConfig): Pick<GrpcServerOptions, 'tls'> {
  return certificate ? { tls: { certificate, privateKey, clientCa } } : {};
}
