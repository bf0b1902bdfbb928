import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareRealServices } from '../realServices';
import { SERVICE_NAMES, type ServiceName, type ServiceProcess, startEmbeddedProcess } from '../serviceProcess';

/** An Attune that a simulated world visits: the addresses of its public APIs. */
export interface Site {
  /** Control, and where items are put, over HTTP. */
  controlUrl: string;
  itemsUrl: string;
  /** PutEvents and GetRecommendations, over gRPC. */
  eventsAddress: string;
  recommendationsAddress: string;
  /** `s3://bucket/key` is this folder's `bucket/key`. */
  objects: string;
  stop(): Promise<void>;
}

/** @param real whether on Kafka, Redis and Postgres, every service a process of its own; else embedded, in one process */
export function startSite(real: boolean, settings: NodeJS.ProcessEnv): Promise<Site> {
  return real ? startRealSite(settings) : startEmbeddedSite(settings);
}

async function startEmbeddedSite(settings: NodeJS.ProcessEnv): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-world-'));
  const server = await startEmbeddedProcess({ ...process.env, ...settings, ATTUNE_DATA_DIR: folder });
  return {
    ...addressesOf(server, server, server),
    objects: join(folder, 'objects'),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startRealSite(settings: NodeJS.ProcessEnv): Promise<Site> {
  const system = await prepareRealServices(settings);
  try {
    const services = {} as Record<ServiceName, ServiceProcess>;
    for (const name of SERVICE_NAMES) services[name] = await system.start(name);
    const { control, ingest, inference } = services;
    return {
      ...addressesOf(control, ingest, inference),
      objects: join(system.folder, 'objects'),
      stop: () => system.stop(),
    };
  } catch (error) {
    await system.stop();
    throw error;
  }
}

function addressesOf(control: ServiceProcess, ingest: ServiceProcess, inference: ServiceProcess) {
  return {
    controlUrl: control.httpUrl,
    itemsUrl: ingest.httpUrl,
    eventsAddress: ingest.grpcAddress,
    recommendationsAddress: inference.grpcAddress,
  };
}
