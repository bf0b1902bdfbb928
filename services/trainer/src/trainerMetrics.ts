import type { TrainingProgress } from '@attune/recommender';
import { Counter, Gauge, type Registry } from '@attune/service';

/** What the trainer shows of its work. */
export interface TrainerMetrics {
  /** Trainings that ended. */
  countOutcome(outcome: 'active' | 'failed' | 'stopped'): void;
  showProgress(solutionVersion: string, progress: TrainingProgress): void;
  /** Takes down what `showProgress` showed of a training. */
  clearProgress(solutionVersion: string): void;
}

export function createTrainerMetrics(metrics: Registry): TrainerMetrics {
  const registers = [metrics];
  const trained = new Counter({
    name: 'attune_trainer_solution_versions_total',
    help: 'Solution versions whose training ended, by outcome: active, failed or stopped.',
    labelNames: ['outcome'],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['solution_version'], registers });
  const progressGauge = gauge('attune_trainer_progress_ratio', 'How far the training in progress is, 0 to 1.');
  const epochGauge = gauge('attune_trainer_epoch', 'The epoch of the training in progress, counted from 1.');
  const lossGauge = gauge('attune_trainer_loss', 'Mean loss of the epoch so far, in nats.');
  const validationGauge = gauge('attune_trainer_validation', 'NDCG@10 on validation after the last whole epoch.');
  const gauges = [progressGauge, epochGauge, lossGauge, validationGauge];
  return {
    countOutcome: (outcome) => trained.inc({ outcome }),
    showProgress: (solution_version, { fraction, epoch, loss, validation }) => {
      progressGauge.set({ solution_version }, fraction);
      epochGauge.set({ solution_version }, epoch);
      if (Number.isFinite(loss)) lossGauge.set({ solution_version }, loss);
      if (validation !== undefined) validationGauge.set({ solution_version }, validation);
    },
    clearProgress: (solution_version) => {
      for (const each of gauges) each.remove({ solution_version });
    },
  };
}
