import { updateSolutionVersionProgress } from '@attune/database';
import type { TrainingProgress } from '@attune/recommender';
import type { TrainingParts } from './trainingParts';

/** How often progress is written down. Twice a second looks live, and costs the database nothing. */
const PROGRESS_INTERVAL_MS = 500;

/** Writes down the latest progress of a training, one write at a time, so that a slow database never piles them up. */
export function reportProgress(
  { database, now, logger }: Pick<TrainingParts, 'database' | 'now' | 'logger'>,
  arn: string,
): { update(progress: TrainingProgress): void; settled(): Promise<void> } {
  let writing = Promise.resolve();
  let lastWritten = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      if (now() - lastWritten < PROGRESS_INTERVAL_MS) return;
      lastWritten = now();
      writing = writing
        .then(async () => void (await updateSolutionVersionProgress(database, arn, progress, now())))
        .catch((error: unknown) => logger.warn({ err: error, solutionVersion: arn }, 'progress not written'));
    },
    settled: () => writing,
  };
}
