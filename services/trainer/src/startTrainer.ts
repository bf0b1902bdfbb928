import { setTimeout as pause } from 'node:timers/promises';
import {
  claimSolutionVersion,
  failSolutionVersion,
  requeueSolutionVersions,
  touchSolutionVersion,
} from '@attune/database';
import { Counter, type Registry } from '@attune/service';
import { TrainingFailedError } from './runTrainingProcess';
import type { TrainingParts } from './trainSolutionVersion';
import { trainSolutionVersion } from './trainSolutionVersion';

export interface TrainerOptions extends TrainingParts {
  metrics: Registry;
  /**
   * How often the trainer looks for a solution version to train, in milliseconds.
   * @default 1000
   */
  pollIntervalMs?: number;
  /**
   * How long a training in progress must have been silent, in milliseconds, to be started anew by this trainer. 0 where no
   * other trainer can be at work on the database: then it is what this one left unfinished when it ended.
   * @default 0
   */
  silenceMs?: number;
}

/** Signs of life in the time after which a training counts as dead. */
const SIGNS_OF_LIFE = 6;

export interface Trainer {
  /** Ends a training in progress; its solution version is trained anew at the next start. */
  stop(): Promise<void>;
}

/** Trains solution versions as they are created, one at a time. */
export async function startTrainer(options: TrainerOptions): Promise<Trainer> {
  const { database, logger, metrics, now, pollIntervalMs = 1000, silenceMs = 0 } = options;
  const trained = new Counter({
    name: 'attune_trainer_solution_versions_total',
    help: 'Solution versions whose training ended, by outcome.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const requeue = async () => {
    const requeued = await requeueSolutionVersions(database, now() - silenceMs, now());
    if (requeued.length > 0) logger.info({ solutionVersions: requeued }, 'interrupted trainings start anew');
  };
  await requeue();

  const stopping = new AbortController();
  const showLife = (arn: string) => {
    if (silenceMs === 0) return undefined;
    return setInterval(() => {
      touchSolutionVersion(database, arn, now()).catch((error: unknown) => {
        logger.warn({ err: error, solutionVersion: arn }, 'sign of life not written');
      });
    }, silenceMs / SIGNS_OF_LIFE);
  };
  const trainNext = async (): Promise<boolean> => {
    if (silenceMs > 0) await requeue();
    const version = await claimSolutionVersion(database, now());
    if (!version) return false;
    logger.info({ solutionVersion: version.arn }, 'training started');
    const life = showLife(version.arn);
    try {
      await trainSolutionVersion(options, version, stopping.signal);
      trained.inc({ outcome: 'active' });
      logger.info({ solutionVersion: version.arn }, 'training finished');
    } catch (error) {
      if (stopping.signal.aborted) return false;
      const failureReason =
        error instanceof TrainingFailedError
          ? error.message
          : 'The training stopped on an internal error; see the log.';
      await failSolutionVersion(database, version.arn, failureReason, now());
      trained.inc({ outcome: 'failed' });
      logger.error({ err: error, solutionVersion: version.arn }, 'training failed');
    } finally {
      clearInterval(life);
    }
    return true;
  };

  const untilStopped = (error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const worked = await trainNext().catch((error: unknown) => {
        logger.error({ err: error }, 'looking for work failed');
        return false;
      });
      if (!worked) await pause(pollIntervalMs, undefined, { signal: stopping.signal }).catch(untilStopped);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('The trainer is stopping.'));
      await running;
    },
  };
}
