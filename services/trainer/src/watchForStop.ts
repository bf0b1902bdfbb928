import { type Database, findSolutionVersion } from '@attune/database';
import type { Logger } from '@attune/service';

/** How soon a training hears that it is to stop. */
const INTERVAL_MS = 500;

/** Why a training ended early: StopSolutionVersionCreation, or the version was deleted. */
export class TrainingStoppedError extends Error {}

/**
 * A signal that is aborted when the version is no longer in progress.
 * @returns the signal, and what ends the watch
 */
export function watchForStop(
  { database, logger }: { database: Database; logger: Logger },
  arn: string,
): { signal: AbortSignal; end(): Promise<void> } {
  const stopped = new AbortController();
  let looking = Promise.resolve();
  const look = async () => {
    const version = await findSolutionVersion(database, arn);
    if (version?.status === 'CREATE IN_PROGRESS') return;
    stopped.abort(new TrainingStoppedError(`The training of ${arn} was stopped.`));
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      logger.warn({ err: error, solutionVersion: arn }, 'not known whether the training is to stop');
    });
  }, INTERVAL_MS);
  return {
    signal: stopped.signal,
    end: () => {
      clearInterval(timer);
      return looking;
    },
  };
}
