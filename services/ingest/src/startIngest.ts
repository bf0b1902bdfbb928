import { randomUUID } from 'node:crypto';
import type { Bus } from '@attune/bus';
import type { GrpcService, Logger, Registry } from '@attune/service';
import type { FastifyPluginAsync } from 'fastify';
import { startClickstream } from './clickstream';
import { type FindDatasetGroup, rememberDatasetGroups } from './eventTrackers';
import { grpcEvents } from './grpcEvents';
import { httpRoutes } from './httpRoutes';
import { createIngestMetrics } from './ingestMetrics';
import { createPutEvents } from './putEvents';
import type { PutMetadataParts } from './putMetadata';
import { createReadEvents } from './readEvents';

export interface IngestOptions {
  bus: Pick<Bus, 'publish' | 'subscribe'>;
  /** Asked once for each tracking id, and again when the answer is a minute old. */
  findDatasetGroup: FindDatasetGroup;
  /** Where PutItems and PutUsers write. Without it, they are not answered. */
  metadata?: Pick<PutMetadataParts, 'database' | 'findDataset'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  metrics: Registry;
  logger: Logger;
}

/** What ingest answers, to be mounted on the servers of the process. */
export interface Ingest {
  routes: FastifyPluginAsync;
  grpc: GrpcService;
  /** Takes no more from the clickstream. */
  stop(): Promise<void>;
}

/** Takes events over HTTP, gRPC and the clickstream topic, and puts them on the bus; items and users into the database. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { bus, findDatasetGroup, now, logger } = options;
  const metrics = createIngestMetrics(options.metrics);
  const readEvents = createReadEvents({
    findDatasetGroup: rememberDatasetGroups(findDatasetGroup, { now, logger }),
    now,
  });
  const putEvents = createPutEvents({ bus, readEvents, newEventId: randomUUID, metrics });
  const clickstream = await startClickstream({ bus, readEvents, metrics, logger });
  return {
    routes: httpRoutes(putEvents, options.metadata && { ...options.metadata, bus, now }),
    grpc: grpcEvents(putEvents),
    stop: () => clickstream.stop(),
  };
}
