import { openKafkaBus } from '@attune/bus';
import { openJobQueue } from '@attune/jobs';
import type { Logger, Part } from '@attune/service';
import { createMetrics, stopParts } from '@attune/service';
import { openDataFolder } from '../dataFolder';
import type { LocalConfig } from '../localConfig';
import { kafkaConnection, openObjects, openServerDatabase } from '../parts';
import { requireRealParts } from '../partsConfig';
import type { Attune } from '../startAttune';
import { startAttune } from '../startAttune';

/** The Attune that the demo plays on. */
export interface DemoSystem extends Pick<Attune, 'control' | 'folders' | 'parts'> {
  /** Where HTTP clients send events, and ask for recommendations. */
  urls: DemoUrls;
  /** Where gRPC clients ask for recommendations, where that is known. */
  grpcAddress?: string;
  stop(): Promise<boolean>;
}

export interface DemoUrls {
  events: string;
  recommendations: string;
}

/** Starts all services in this process. */
export async function startDemoSystem(config: LocalConfig, logger: Logger): Promise<DemoSystem> {
  const attune = await startAttune({ config, logger });
  return {
    ...attune,
    urls: { events: attune.http.url, recommendations: attune.http.url },
    grpcAddress: attune.grpc.address,
  };
}

/**
 * Joins services that run already, by the parts they share.
 * @throws InvalidInputError where the settings of the real parts are not whole
 */
export async function joinDemoSystem(config: LocalConfig, logger: Logger, urls: DemoUrls): Promise<DemoSystem> {
  requireRealParts(config);
  const parts: Part[] = [];
  const database = await openServerDatabase(config, 'attune-demo');
  parts.push({ name: 'database', stop: () => database.close() });
  const bus = await openKafkaBus(kafkaConnection(config, 'attune-demo', logger));
  parts.push({ name: 'bus', stop: () => bus.close() });
  const jobs = await openJobQueue({ database, metrics: createMetrics(), logger });
  parts.push({ name: 'jobs', stop: () => jobs.stop() });
  const folders = await openDataFolder(config.dataDir);
  const scope = { region: config.region, accountId: config.accountId };
  return {
    control: { database, bus, objects: openObjects(config, folders, parts), jobs, scope, now: Date.now, logger },
    folders,
    parts,
    urls,
    stop: () => stopParts(parts, { logger }),
  };
}
