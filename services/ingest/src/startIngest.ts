import { randomUUID } from 'node:crypto';
import type { Bus } from '@attune/bus';
import type { GrpcService, Registry } from '@attune/service';
import type { FastifyPluginAsync } from 'fastify';
import { type FindDatasetGroup, rememberDatasetGroups } from './eventTrackers';
import { grpcEvents } from './grpcEvents';
import { httpRoutes } from './httpRoutes';
import { createIngestMetrics } from './ingestMetrics';
import { createPutEvents } from './putEvents';

export interface IngestOptions {
  bus: Pick<Bus, 'publish'>;
  /** Asked once for each tracking id, and again when the answer is a minute old. */
  findDatasetGroup: FindDatasetGroup;
  /** Milliseconds since the epoch. */
  now: () => number;
  metrics: Registry;
}

/** What ingest answers, to be mounted on the servers of the process. It has nothing of its own to stop. */
export interface Ingest {
  routes: FastifyPluginAsync;
  grpc: GrpcService;
}

/** Takes events over HTTP and gRPC and puts them on the bus. */
export function startIngest({ bus, findDatasetGroup, now, metrics }: IngestOptions): Ingest {
  const putEvents = createPutEvents({
    bus,
    findDatasetGroup: rememberDatasetGroups(findDatasetGroup, now),
    now,
    newEventId: randomUUID,
    metrics: createIngestMetrics(metrics),
  });
  return { routes: httpRoutes(putEvents), grpc: grpcEvents(putEvents) };
}
