import { setTimeout as pause } from 'node:timers/promises';
import { startArchive } from '@attune/archive';
import type { Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import { advanceArchivePositions } from '@attune/database';
import { eventId, userId } from '@attune/domain';
import { startFeature } from '@attune/feature';
import { createMetrics, type Registry } from '@attune/service';
import { redisItemStatistics, redisLists, redisSessions } from '@attune/session';
import { forgetGroup } from './bareConsumer';
import { DATASET_GROUP } from './eventLoad';
import type { RealParts } from './realParts';

/**
 * Lets the feature service read so many interactions from the beginning.
 * @param known how many users Redis holds before. Each other comes from the archive, which knows none, with the first event.
 * @returns seconds from its start, joining its group included, to the effect of the last
 */
export async function applyStream(parts: RealParts, count: number, { known }: { known: number }): Promise<number> {
  const { bus, database, redis, logger } = parts;
  await emptyArchive(parts);
  await advanceArchivePositions(database, topics.interactions.name, await bus.ends(topics.interactions));
  const prefix = parts.newRedisPrefix();
  const [sessions, statistics] = [redisSessions({ redis, prefix }), redisItemStatistics({ redis, prefix })];
  const lists = redisLists({ redis, prefix });
  await statistics.replace(DATASET_GROUP, new Map(), []);
  const visit = { eventId: eventId('before'), eventType: 'click', timestamp: 1 };
  const users = Array.from({ length: known }, (_, user) => ({
    owner: { datasetGroup: DATASET_GROUP, historyKey: userId(`user-${user}`) },
    events: [visit],
  }));
  await sessions.apply(users, async () => []);
  const seconds = await consume(count, 'attune_feature_interactions_total', (metrics) =>
    startFeature({ bus, database, sessions, statistics, lists, metrics, logger }),
  );
  await forgetGroup(parts, 'feature');
  await redis.deleteMatching(`${prefix}*`);
  return seconds;
}

/**
 * Lets the archive service read so many interactions from the beginning into empty tables, which stay full.
 * @returns seconds from its start, joining its group included, to the commit of the last
 */
export async function archiveStream(parts: RealParts, count: number): Promise<number> {
  const { bus, database, logger } = parts;
  await emptyArchive(parts);
  const seconds = await consume(count, 'attune_archive_interactions_total', (metrics) =>
    startArchive({ bus, database, now: Date.now, metrics, logger }),
  );
  await forgetGroup(parts, 'archive');
  return seconds;
}

export async function emptyArchive({ database }: RealParts): Promise<void> {
  await database.runScript('truncate interaction, interaction_event_id, archive_position');
  await database.runScript('checkpoint');
}

/** @param counter counts what took effect */
async function consume(
  count: number,
  counter: string,
  start: (metrics: Registry) => Promise<Subscription>,
): Promise<number> {
  const metrics = createMetrics();
  const started = performance.now();
  const service = await start(metrics);
  for (let done = 0; done < count; await pause(1)) {
    const values = (await metrics.getSingleMetric(counter)!.get()).values;
    done = values.reduce((sum, { value }) => sum + value, 0);
  }
  const seconds = (performance.now() - started) / 1000;
  await service.stop();
  return seconds;
}
