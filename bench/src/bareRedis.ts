import type { Interaction, ItemId, UserId } from '@attune/domain';
import { Redis } from 'ioredis';
import type { RealParts } from './realParts';

/** As many events of a partition as feature takes at once, and as many partitions as the topic has. */
const BATCH = 5000;
const PARTITIONS = 12;

const TTL_SECONDS = 604_800;

/** What a batch writes: each user's events as one text, and for each item how often it occurs. */
interface Writes {
  users: ReadonlyMap<UserId, string>;
  items: ReadonlyMap<ItemId, number>;
}

/**
 * Writes what feature writes for these events as bare pipelined commands: nothing is read, no event is looked for, and what
 * is written twice is there twice.
 * @returns seconds from the first command to the last answer; the texts are made before
 */
export async function writeBarely(parts: RealParts, events: readonly Interaction[]): Promise<number> {
  const prefix = parts.newRedisPrefix();
  const batches = batchesOf(events).map(writesOf);
  const redis = new Redis(parts.redisUrl);
  const start = performance.now();
  for (const { users, items } of batches) {
    const pipeline = redis.pipeline();
    for (const [user, text] of users) {
      pipeline.hset(`${prefix}user:${user}`, 'log', text);
      pipeline.expire(`${prefix}user:${user}`, TTL_SECONDS);
    }
    const counts = [...items];
    pipeline.hset(`${prefix}counts`, ...counts.flat());
    pipeline.zadd(`${prefix}popularity`, ...counts.flatMap(([item, count]) => [count, item]));
    await pipeline.exec();
  }
  const seconds = (performance.now() - start) / 1000;
  redis.disconnect();
  await parts.redis.deleteMatching(`${prefix}*`);
  return seconds;
}

/** Users are spread over partitions by their last digits, which serves as well as Kafka's hash. */
function batchesOf(events: readonly Interaction[]): Interaction[][] {
  const partitions = Array.from({ length: PARTITIONS }, (): Interaction[] => []);
  for (const event of events) partitions[Number(/\d+$/.exec(event.userId!)![0]) % PARTITIONS]!.push(event);
  return partitions.flatMap((partition) =>
    Array.from({ length: Math.ceil(partition.length / BATCH) }, (_, index) =>
      partition.slice(index * BATCH, (index + 1) * BATCH),
    ),
  );
}

function writesOf(batch: readonly Interaction[]): Writes {
  const users = new Map<UserId, string>();
  const items = new Map<ItemId, number>();
  for (const { eventId, eventType, timestamp, itemId, recommendationId, userId } of batch) {
    const user = userId!;
    const record = JSON.stringify([eventId, 0, timestamp, eventType, itemId, null, recommendationId]);
    users.set(user, `${users.get(user) ?? ''},\n${record}`);
    if (itemId !== undefined) items.set(itemId, (items.get(itemId) ?? 0) + 1);
  }
  return { users, items };
}
