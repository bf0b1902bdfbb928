import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { printedWord, spawnDemo } from './attuneDemo';
import { prepareRealServices } from './realServices';
import { SERVICE_NAMES, type ServiceName, type ServiceProcess } from './serviceProcess';
import type { TrainedServer } from './trainedServer';
import { findTrainingData, TRAINING_SECONDS } from './trainingData';

export interface TrainedServices extends TrainedServer {
  services: Readonly<Record<ServiceName, ServiceProcess>>;
}

/** Trains, then serves: every service a process of its own, on Kafka, Redis and Postgres. */
export async function startTrainedServices(): Promise<TrainedServices> {
  const system = await prepareRealServices({ ATTUNE_TRAINING_TIME_BUDGET: TRAINING_SECONDS });
  try {
    const data = await findTrainingData(system.folder);
    const services = {} as Record<ServiceName, ServiceProcess>;
    for (const name of SERVICE_NAMES) services[name] = await system.start(name);
    const { ingest, inference } = services;
    const flags = ['--ingest', ingest.httpUrl, '--inference', inference.httpUrl];
    const demoFolder = { ATTUNE_DATA_DIR: join(system.folder, 'demo') };
    const demo = spawnDemo(data.interactions, flags, { ...system.environment, ...demoFolder });
    const [output, [code]] = await Promise.all([text(demo.stdout), once(demo, 'exit')]);
    if (code !== 0) throw new Error(`The demo ended with ${code}:\n${output}`);
    return {
      services,
      eventsAddress: ingest.grpcAddress,
      recommendationsAddress: inference.grpcAddress,
      controlUrl: services.control.httpUrl,
      campaignArn: printedWord(output, 'CAMPAIGN'),
      trackingId: printedWord(output, 'TRACKER'),
      data,
      stop: () => system.stop(),
    };
  } catch (error) {
    await system.stop();
    throw error;
  }
}
