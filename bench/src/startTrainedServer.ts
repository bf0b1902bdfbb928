import { startEmbeddedServer } from './embeddedServer';
import type { TrainedServer } from './trainedServer';
import { startTrainedServices } from './trainedServices';

/** The argument of benchmarks that measure either kind of server, for `parseArgs`. */
export const SERVERS_OPTION = { servers: { type: 'boolean', default: false } } as const;

/** @param real whether on Kafka, Redis and Postgres, every service a process of its own; else embedded, in one process */
export function startTrainedServer(real: boolean): Promise<TrainedServer> {
  return real ? startTrainedServices() : startEmbeddedServer();
}
