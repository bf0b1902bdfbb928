import { updateSolutionVersionProgress, updateTrainingStory } from '@attune/database';
import type { TrainingProgress, TrainingStory } from '@attune/recommender';
import type { TrainingParts } from './trainingParts';

/** How often progress is written down. Twice a second looks live, and costs the database nothing. */
const PROGRESS_INTERVAL_MS = 500;

/** Writes down where a training stands, one write at a time: the latest progress now and then, its story whenever it goes on. */
export function reportProgress(
  { database, now, logger }: Pick<TrainingParts, 'database' | 'now' | 'logger'>,
  arn: string,
): { update(progress: TrainingProgress): void; tellStory(story: TrainingStory): void; settled(): Promise<void> } {
  let writing = Promise.resolve();
  const write = (change: () => Promise<boolean>) => {
    writing = writing
      .then(async () => void (await change()))
      .catch((error: unknown) => logger.warn({ err: error, solutionVersion: arn }, 'progress not written'));
  };
  let lastWritten = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      if (now() - lastWritten < PROGRESS_INTERVAL_MS) return;
      lastWritten = now();
      write(() => updateSolutionVersionProgress(database, arn, progress, now()));
    },
    tellStory: (story) => write(() => updateTrainingStory(database, arn, story, now())),
    settled: () => writing,
  };
}
