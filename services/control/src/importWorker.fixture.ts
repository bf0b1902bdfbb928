import { openEmbeddedLog } from '@attune/bus';
import { openPostgres } from '@attune/database';
import { openJobQueue } from '@attune/jobs';
import { directoryObjectStore } from '@attune/objectstore';
import { createLogger, createMetrics } from '@attune/service';
import { SCOPE } from './controlApi.fixture';
import { startDatasetJobWorkers } from './datasetJobWorkers';

/** A process that works on the jobs on datasets, until it is killed. */
async function main([url = '', folder = '']: readonly string[]): Promise<void> {
  const logger = createLogger({ service: 'worker', level: 'silent' });
  const database = await openPostgres({ url });
  const bus = await openEmbeddedLog({ database, logger });
  const jobs = await openJobQueue({ database, logger, metrics: createMetrics(), pollIntervalMs: 50 });
  const objects = directoryObjectStore(folder);
  startDatasetJobWorkers({ database, bus, jobs, objects, logger, scope: SCOPE, now: Date.now });
}

void main(process.argv.slice(2));
