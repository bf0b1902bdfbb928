import { awsJsonRoutes } from '@attune/aws';
import type { GrpcService, Registry } from '@attune/service';
import type { FastifyPluginAsync } from 'fastify';
import { authorize } from './authorization';
import { startAutomaticUpdates } from './automaticUpdates';
import { controlHandlers } from './controlHandlers';
import { createControlMetrics } from './controlMetrics';
import type { ControlParts } from './controlParts';
import { startDatasetJobWorkers } from './datasetJobWorkers';
import { startAnnouncements } from './deletedDatasets';
import { followModels } from './followModels';
import { grpcExploration } from './grpcExploration';
import { grpcTraining } from './grpcTraining';

export interface ControlOptions extends ControlParts {
  metrics: Registry;
  /**
   * How long after its latest version a deployed solution is updated, in seconds. 0: never.
   * @default 0
   */
  updateIntervalSeconds?: number;
}

export interface Control {
  /** The service "personalize" over AWS JSON 1.1. */
  routes: FastifyPluginAsync;
  /** How trainings go, and what the slate log says, over gRPC. */
  grpc: readonly GrpcService[];
  stop(): Promise<void>;
}

/** Starts the control plane: the API of its resources, and what goes on by itself. */
export async function startControl({ updateIntervalSeconds = 0, ...options }: ControlOptions): Promise<Control> {
  const parts = { ...options, metrics: createControlMetrics(options.metrics) };
  const models = await followModels(parts);
  const updates = startAutomaticUpdates({ ...parts, updateIntervalSeconds });
  const datasetJobs = startDatasetJobWorkers(options);
  const announcements = startAnnouncements(options);
  return {
    routes: awsJsonRoutes(authorize(controlHandlers(options), options.database)),
    grpc: [grpcTraining(options), grpcExploration(options)],
    stop: async () => {
      await announcements.stop();
      await datasetJobs.stop();
      await updates.stop();
      await models.stop();
    },
  };
}
