import { setTimeout as pause } from 'node:timers/promises';
import type { SolutionVersion } from '@attune/database';
import type { Caller } from '@attune/domain';
import {
  type LearningCurvePoint,
  type TrainingProgress as Progress,
  TrainingServiceService,
  TrainingStatus,
  TrialStatus,
} from '@attune/proto';
import type { ModelMetrics, TrainingProgress, TrainingStory, TrialRecord } from '@attune/recommender';
import { type GrpcService, grpcService } from '@attune/service';
import { requireResource } from './authorization';
import type { ResourceParts } from './controlParts';
import { requireSolutionVersion } from './requireResource';

/** As often as a trainer writes its progress down. */
const WATCH_INTERVAL_MS = 500;

const STATUSES: Readonly<Record<SolutionVersion['status'], TrainingStatus>> = {
  'CREATE PENDING': TrainingStatus.TRAINING_STATUS_PENDING,
  'CREATE IN_PROGRESS': TrainingStatus.TRAINING_STATUS_IN_PROGRESS,
  ACTIVE: TrainingStatus.TRAINING_STATUS_ACTIVE,
  'CREATE FAILED': TrainingStatus.TRAINING_STATUS_FAILED,
  'CREATE STOPPING': TrainingStatus.TRAINING_STATUS_STOPPING,
  'CREATE STOPPED': TrainingStatus.TRAINING_STATUS_STOPPED,
};

const TRIAL_STATUSES: Readonly<Record<TrialRecord['status'], TrialStatus>> = {
  waiting: TrialStatus.TRIAL_STATUS_WAITING,
  running: TrialStatus.TRIAL_STATUS_RUNNING,
  paused: TrialStatus.TRIAL_STATUS_PAUSED,
  stopped: TrialStatus.TRIAL_STATUS_STOPPED,
  skipped: TrialStatus.TRIAL_STATUS_SKIPPED,
  best: TrialStatus.TRIAL_STATUS_BEST,
};

const ENDED: ReadonlySet<SolutionVersion['status']> = new Set(['ACTIVE', 'CREATE FAILED', 'CREATE STOPPED']);

/** `attune.v1.TrainingService`. */
export function grpcTraining({ database, scope }: Pick<ResourceParts, 'database' | 'scope'>): GrpcService {
  const read = async (arn: string, caller: Caller) => {
    await requireResource(database, arn, caller);
    return requireSolutionVersion(database, scope, arn);
  };
  return grpcService(TrainingServiceService, {
    getTrainingProgress: async ({ solutionVersionArn }, caller) => ({
      progress: progressOf(await read(solutionVersionArn, caller)),
    }),
    getLearningCurve: async ({ solutionVersionArn }, caller) => {
      const { curve, bestEpoch, stopped } = storyOf(await read(solutionVersionArn, caller));
      return { points: pointsOf(curve), bestEpoch, stopped: stopped ?? '' };
    },
    listTrials: async ({ solutionVersionArn }, caller) => {
      const { search } = storyOf(await read(solutionVersionArn, caller));
      const trials = (search?.trials ?? []).map(({ trial, hyperparameters, status, objective, curve }) => ({
        number: trial,
        hyperparameters: { ...hyperparameters },
        status: TRIAL_STATUSES[status],
        objective,
        points: pointsOf(curve),
      }));
      return { objective: search?.objective ?? '', trials };
    },
    watchTraining: async function* ({ solutionVersionArn }, signal, caller) {
      let before = '';
      while (!signal.aborted) {
        const version = await read(solutionVersionArn, caller);
        const progress = progressOf(version);
        const now = JSON.stringify(progress);
        if (now !== before) yield { progress };
        if (ENDED.has(version.status)) return;
        before = now;
        await pause(WATCH_INTERVAL_MS, undefined, { signal });
      }
    },
  });
}

/** A training that has not told its story yet has an empty one. */
function storyOf({ story }: SolutionVersion): TrainingStory {
  return { curve: [], ...(story as Partial<TrainingStory> | undefined) };
}

function pointsOf(curve: TrainingStory['curve']): LearningCurvePoint[] {
  return curve.map(({ epoch, loss, validation }) => ({ epoch, loss, validationNdcgAt10: validation }));
}

const NDCG = 'normalized_discounted_cumulative_gain_at_10';

/** A training that is ACTIVE is whole, whatever it wrote down last. */
function progressOf(version: SolutionVersion): Progress {
  const progress = (version.progress ?? {}) as Partial<TrainingProgress>;
  const { phase, epoch, epochs, loss, validation, fraction } = progress;
  const { model, comparison } = (version.metrics ?? {}) as unknown as Partial<ModelMetrics>;
  return {
    solutionVersionArn: version.arn,
    status: STATUSES[version.status],
    percent: version.status === 'ACTIVE' ? 100 : Math.round(1000 * (fraction ?? 0)) / 10,
    phase: phase ?? '',
    epoch: epoch ?? 0,
    epochs: epochs ?? 0,
    loss: loss ?? undefined,
    validationNdcgAt10: validation,
    failureReason: version.failureReason ?? '',
    ndcgAt10: model?.[NDCG],
    comparison: comparison && {
      ndcgAt10Before: comparison.before[NDCG],
      difference: comparison.difference,
      standardError: comparison.standardError,
    },
    notDeployedReason: version.notDeployedReason ?? '',
    trial: progress.trial ?? 0,
    trials: progress.trials ?? 0,
  };
}
