import type { Bus } from '@attune/bus';
import {
  beginTraining,
  failSolutionVersion,
  findSolutionVersion,
  type SolutionVersion,
  settleStoppedVersion,
} from '@attune/database';
import type { JobQueue } from '@attune/jobs';
import type { Registry } from '@attune/service';
import { announceModel } from './announceModel';
import { removeCheckpoint } from './keptTraining';
import { TrainingFailedError } from './runTrainingProcess';
import { createTrainerMetrics, type TrainerMetrics } from './trainerMetrics';
import type { TrainingParts } from './trainingParts';
import { trainSolutionVersion } from './trainSolutionVersion';
import { TrainingStoppedError, watchForStop } from './watchForStop';

export interface TrainerOptions extends TrainingParts {
  bus: Bus;
  jobs: JobQueue;
  metrics: Registry;
}

export interface Trainer {
  /** Ends a training in progress; it goes on from its last checkpoint, here or with another trainer. */
  stop(): Promise<void>;
}

/** Trains solution versions as they are created, one at a time. */
export function startTrainer(options: TrainerOptions): Trainer {
  const { database, jobs, now } = options;
  const metrics = createTrainerMetrics(options.metrics);
  return jobs.work('training', ({ arn }, signal) => work({ ...options, metrics }, arn, signal), {
    concurrency: 1,
    onGivenUp: async (arn, reason) => {
      await failSolutionVersion(database, arn, `The training was tried again and again: ${reason}`, now());
      await settleStoppedVersion(database, arn, now());
      await removeCheckpoint(options, arn);
      metrics.countOutcome('failed');
    },
  });
}

type Parts = Omit<TrainerOptions, 'metrics'> & { metrics: TrainerMetrics };

/** Does what a version waits for, wherever an earlier attempt left off. */
async function work(parts: Parts, arn: string, signal: AbortSignal): Promise<void> {
  const { database, now, metrics } = parts;
  const begun = await beginTraining(database, arn, now());
  const outcome = begun && (await train(parts, begun, signal));
  if (outcome) metrics.countOutcome(outcome);
  // Whatever became of it, it has ended.
  await removeCheckpoint(parts, arn);
  const version = await findSolutionVersion(database, arn);
  if (version?.status === 'CREATE STOPPING' && (await settleStoppedVersion(database, arn, now()))) {
    metrics.countOutcome('stopped');
  }
  if (version?.status === 'ACTIVE') await announceModel(parts, version, signal);
}

/** @returns how the training ended; undefined where it was stopped */
async function train(parts: Parts, version: SolutionVersion, signal: AbortSignal) {
  const { database, now, logger, metrics } = parts;
  const { arn, trainingMode, trainingType } = version;
  logger.info({ solutionVersion: arn, trainingMode, trainingType }, 'training started');
  const stop = watchForStop(parts, arn);
  try {
    const onProgress = (progress: Parameters<TrainerMetrics['showProgress']>[1]) => metrics.showProgress(arn, progress);
    const finished = await trainSolutionVersion(parts, version, onProgress, AbortSignal.any([signal, stop.signal]));
    if (!finished) return undefined;
    logger.info({ solutionVersion: arn }, 'training finished');
    return 'active';
  } catch (error) {
    if (error instanceof TrainingStoppedError) {
      logger.info({ solutionVersion: arn }, 'training stopped');
      return undefined;
    }
    if (!(error instanceof TrainingFailedError)) throw error;
    logger.error({ err: error, solutionVersion: arn }, 'training failed');
    return (await failSolutionVersion(database, arn, error.message, now())) ? 'failed' : undefined;
  } finally {
    await stop.end();
    metrics.clearProgress(arn);
  }
}
