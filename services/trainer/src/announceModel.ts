import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, topics } from '@attune/bus';
import type { SolutionVersion } from '@attune/database';
import { UnavailableError } from '@attune/domain';
import type { Logger } from '@attune/service';

const RETRY_NOTICE_MS = 1_000;

/**
 * Tells the bus of a version that became ACTIVE. Without the notice no campaign would move to it, so a bus that is away
 * is waited for. Telling it twice does no harm.
 * @throws the signal's reason where it is aborted first
 */
export async function announceModel(
  { bus, logger }: { bus: Bus; logger: Logger },
  { arn, datasetGroup, artifactUri = '', updatedAt: trainedAt }: SolutionVersion,
  signal: AbortSignal,
): Promise<void> {
  const value = { datasetGroup, solutionVersionArn: arn, artifactUri, trainedAt };
  for (;;) {
    try {
      return await bus.publish(topics.models, [{ key: datasetGroup, value }]);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      logger.warn({ err: error, solutionVersion: arn }, 'new model not announced yet');
      await pause(RETRY_NOTICE_MS, undefined, { signal });
    }
  }
}
