import { randomUUID } from 'node:crypto';
import type { DatasetGroupName, ItemId } from '@attune/domain';
import { decodeCounts, encodeCounts, sumByItem } from './itemCountRecords';
import type {
  ArchivedItemStatistics,
  ItemCounts,
  ItemObservation,
  ItemStatistics,
  ItemTotals,
  ObservedPartition,
} from './itemStatistics';
import type { RedisClient } from './redisClient';
import type { RedisConnection } from './redisConnection';
import { RedisScript } from './redisScript';

export interface RedisItemStatisticsOptions {
  redis: RedisConnection;
  /** Begins every key. @default "attune:" */
  prefix?: string;
}

/**
 * Item statistics in Redis. A dataset group's keys lie on one node of a cluster, where a script changes them together
 * with the position of the partition.
 *
 * Every method rejects with UnavailableError where Redis is away. `close` leaves the connection to its opener.
 */
export function redisItemStatistics(options: RedisItemStatisticsOptions): ItemStatistics {
  return new RedisItemStatistics(options);
}

/** Items in one command, which keeps the server's only thread from others for a millisecond. */
const PAGE = 2000;

/** Items in one script, which keeps it for some 8 ms. However many observations are of one item, they cost as much as one. */
const ITEMS_A_CALL = 2000;

/** Up to so many fresh items are read in some 20 ms. */
const FEW_FRESH = 10_000;

/** Statistics that a process has made aside are gone so long after its death. */
const ASIDE_TTL_SECONDS = 3600;

class RedisItemStatistics implements ItemStatistics {
  private readonly redis: RedisConnection;
  private readonly prefix: string;
  private readonly countItems = new RedisScript('countItems.lua');
  private readonly swapItems = new RedisScript('swapItems.lua');
  private readonly forgetItems = new RedisScript('forgetItems.lua');

  constructor({ redis, prefix = 'attune:' }: RedisItemStatisticsOptions) {
    this.redis = redis;
    this.prefix = prefix;
  }

  async add(
    datasetGroup: DatasetGroupName,
    partition: ObservedPartition,
    observations: readonly ItemObservation[],
    fromArchive?: () => Promise<ArchivedItemStatistics>,
  ): Promise<void> {
    for (const part of partsOf(observations)) await this.addPart(datasetGroup, partition, part, fromArchive);
  }

  async replace(
    datasetGroup: DatasetGroupName,
    positions: ReadonlyMap<ObservedPartition, number>,
    counts: readonly ItemCounts[],
  ): Promise<void> {
    await this.store(datasetGroup, positions, counts);
  }

  async forget(datasetGroup: DatasetGroupName): Promise<void> {
    const keys = this.keysOf(datasetGroup);
    await this.redis.runScript(this.forgetItems, [...listOf(keys), keys.generation], []);
  }

  async restore(datasetGroup: DatasetGroupName, fromArchive: () => Promise<ArchivedItemStatistics>): Promise<void> {
    const { generation } = this.keysOf(datasetGroup);
    while (!(await this.holds(datasetGroup))) {
      const since = (await this.redis.run((client) => client.get(generation))) ?? '0';
      const { positions, counts } = await fromArchive();
      await this.store(datasetGroup, positions, counts, since);
    }
  }

  async holds(datasetGroup: DatasetGroupName): Promise<boolean> {
    return (await this.redis.run((client) => client.exists(this.keysOf(datasetGroup).state))) === 1;
  }

  async popular(datasetGroup: DatasetGroupName, limit: number): Promise<ItemCounts[]> {
    if (limit <= 0) return [];
    return this.readCounts(datasetGroup, idsOf(await this.mostPopular(this.keysOf(datasetGroup), 0, limit)));
  }

  /** Few fresh items are ranked by themselves. Many are soon met among the popular. */
  async fresh(datasetGroup: DatasetGroupName, since: number, limit: number): Promise<ItemCounts[]> {
    if (limit <= 0) return [];
    const keys = this.keysOf(datasetGroup);
    const count = await this.redis.run((client) => client.zcount(keys.first, since, '+inf'));
    const ranked =
      count <= FEW_FRESH ? await this.freshAmongFirst(keys, since) : await this.freshAmongPopular(keys, since, limit);
    return this.readCounts(datasetGroup, idsOf(ranked.slice(0, limit)));
  }

  async latestInteraction(datasetGroup: DatasetGroupName): Promise<number | undefined> {
    const latest = await this.redis.run((client) => client.hget(this.keysOf(datasetGroup).state, 'latest'));
    return latest === null ? undefined : Number(latest);
  }

  async counts(datasetGroup: DatasetGroupName, itemIds: readonly ItemId[]): Promise<ReadonlyMap<ItemId, ItemCounts>> {
    const found = await this.readCounts(datasetGroup, itemIds);
    return new Map(found.map((counts) => [counts.itemId, counts]));
  }

  async totals(datasetGroup: DatasetGroupName): Promise<ItemTotals> {
    const { state } = this.keysOf(datasetGroup);
    const [latest, impressions, clicks] = await this.redis.run((client) =>
      client.hmget(state, 'latest', 'impressions', 'clicks'),
    );
    return {
      impressionWeight: Number(impressions ?? 0),
      clickWeight: Number(clicks ?? 0),
      latestInteraction: latest == null ? undefined : Number(latest),
    };
  }

  async close(): Promise<void> {}

  private async addPart(
    datasetGroup: DatasetGroupName,
    partition: ObservedPartition,
    observations: readonly ItemObservation[],
    fromArchive: (() => Promise<ArchivedItemStatistics>) | undefined,
  ): Promise<void> {
    const keys = listOf(this.keysOf(datasetGroup));
    let uncounted = observations;
    while (uncounted.length > 0) {
      const [from, to] = [uncounted[0]!.offset, uncounted.at(-1)!.offset + 1];
      const sums = sumByItem(uncounted);
      const reply = await this.redis.runScript(this.countItems, keys, [
        partition,
        from,
        to,
        fromArchive ? 0 : 1,
        encodeCounts(sums),
        ...sums.map(({ itemId }) => itemId),
      ]);
      if (reply === 'counted') return;
      if (reply === 'missing') {
        await this.restore(datasetGroup, fromArchive!);
      } else {
        const position = Number(reply);
        uncounted = uncounted.filter(({ offset }) => offset >= position);
      }
    }
  }

  private async freshAmongFirst(keys: Keys, since: number): Promise<Ranked[]> {
    const items = await this.redis.run((client) => client.zrangebyscore(keys.first, since, '+inf'));
    const scores = await this.readPages(items, (client, page) => client.zmscore(keys.popularity, ...page));
    const ranked = items.map((item, index): Ranked => [item, Number(scores[index])]);
    return ranked.sort(([, one], [, other]) => other - one);
  }

  private async freshAmongPopular(keys: Keys, since: number, limit: number): Promise<Ranked[]> {
    const found: Ranked[] = [];
    for (let start = 0; found.length < limit; start += PAGE) {
      const page = await this.mostPopular(keys, start, PAGE);
      if (page.length === 0) break;
      const firsts = await this.redis.run((client) => client.zmscore(keys.first, ...page.map(([item]) => item)));
      found.push(...page.filter((_, index) => Number(firsts[index]) >= since));
    }
    return found;
  }

  private async mostPopular({ popularity }: Keys, start: number, count: number): Promise<Ranked[]> {
    const reply = await this.redis.run((client) =>
      client.zrevrange(popularity, start, start + count - 1, 'WITHSCORES'),
    );
    return Array.from({ length: reply.length / 2 }, (_, index) => [reply[2 * index]!, Number(reply[2 * index + 1])]);
  }

  /**
   * Makes the statistics aside, then puts them in their place as one step.
   * @param absentSince puts them there only where there are none, and none were forgotten since this generation
   */
  private async store(
    datasetGroup: DatasetGroupName,
    positions: ReadonlyMap<ObservedPartition, number>,
    counts: readonly ItemCounts[],
    absentSince?: string,
  ): Promise<void> {
    const aside = this.keysOf(datasetGroup, `aside:${randomUUID()}:`);
    const acted = counts.filter(({ interactions }) => interactions > 0);
    await this.writePages(acted, (client, page) =>
      client.zadd(aside.popularity, ...page.flatMap(({ itemId, popularity }) => [popularity, itemId])),
    );
    await this.writePages(acted, (client, page) =>
      client.zadd(aside.first, ...page.flatMap(({ itemId, firstInteraction }) => [firstInteraction!, itemId])),
    );
    await this.writePages(counts, (client, page) =>
      client.hset(aside.counts, ...page.flatMap((each) => [each.itemId, encodeCounts([each])])),
    );
    await this.redis.run((client) => client.hset(aside.state, stateFields(positions, counts)));
    await Promise.all(listOf(aside).map((key) => this.redis.run((client) => client.expire(key, ASIDE_TTL_SECONDS))));
    const used = this.keysOf(datasetGroup);
    const keys = [...listOf(used), ...listOf(aside), used.generation];
    await this.redis.runScript(this.swapItems, keys, absentSince === undefined ? [] : [absentSince]);
  }

  /** Those of the items that there are counts of. */
  private async readCounts(datasetGroup: DatasetGroupName, items: readonly ItemId[]): Promise<ItemCounts[]> {
    const { counts } = this.keysOf(datasetGroup);
    const records = await this.readPages(items, (client, page) => client.hmgetBuffer(counts, ...page));
    return items.flatMap((item, index) => {
      const record = records[index];
      return record == null ? [] : [decodeCounts(item, record)];
    });
  }

  /** All pages leave at once; other clients' commands come between them. */
  private async readPages<Value>(
    items: readonly string[],
    read: (client: RedisClient, page: string[]) => Promise<Value[]>,
  ): Promise<Value[]> {
    return (await Promise.all(pagesOf(items).map((page) => this.redis.run((client) => read(client, page))))).flat();
  }

  private async writePages(
    counts: readonly ItemCounts[],
    write: (client: RedisClient, page: ItemCounts[]) => Promise<unknown>,
  ): Promise<void> {
    for (const page of pagesOf(counts)) await this.redis.run((client) => write(client, page));
  }

  /**
   * What is between the braces decides on the node: all keys of a dataset group lie on one. The number is that of the
   * format: what another version has written is not read, and comes back from the archive.
   */
  private keysOf(datasetGroup: DatasetGroupName, part = ''): Keys {
    const base = `${this.prefix}items3:{${datasetGroup}}:${part}`;
    return {
      popularity: `${base}popularity`,
      first: `${base}first`,
      counts: `${base}counts`,
      state: `${base}state`,
      generation: `${base}generation`,
    };
  }
}

type Ranked = readonly [item: string, popularity: number];

function idsOf(ranked: readonly Ranked[]): ItemId[] {
  return ranked.map(([item]) => item as ItemId);
}

interface Keys {
  /** Sorted set of the items with interactions, by popularity. */
  popularity: string;
  /** Sorted set of the same items, by their first interaction. */
  first: string;
  /** Hash of all items, with the bytes that `encodeCounts` makes. */
  counts: string;
  /** Hash of the latest interaction and the positions. It is there where the dataset group has statistics. */
  state: string;
  /** How often the statistics were forgotten. It outlives them. */
  generation: string;
}

/** What holds the statistics, in the order in which the scripts take it. */
function listOf({ popularity, first, counts, state }: Keys): string[] {
  return [popularity, first, counts, state];
}

function stateFields(
  positions: ReadonlyMap<ObservedPartition, number>,
  counts: readonly ItemCounts[],
): Record<string, string | number> {
  const latest = counts.reduce((so, { lastInteraction = -Infinity }) => Math.max(so, lastInteraction), -Infinity);
  return {
    held: 1,
    impressions: counts.reduce((sum, { impressionWeight }) => sum + impressionWeight, 0),
    clicks: counts.reduce((sum, { clickWeight }) => sum + clickWeight, 0),
    ...(latest > -Infinity && { latest }),
    ...Object.fromEntries([...positions].map(([partition, offset]) => [`partition:${partition}`, offset])),
  };
}

function pagesOf<Member>(members: readonly Member[]): Member[][] {
  return Array.from({ length: Math.ceil(members.length / PAGE) }, (_, page) =>
    members.slice(page * PAGE, (page + 1) * PAGE),
  );
}

/** Parts of a bounded number of items. The observations of one offset stay together. */
function partsOf(observations: readonly ItemObservation[]): ItemObservation[][] {
  const parts: ItemObservation[][] = [];
  let items = new Set<ItemId>();
  for (const observation of observations) {
    const part = parts.at(-1);
    const isFull = items.size >= ITEMS_A_CALL && part!.at(-1)!.offset !== observation.offset;
    if (isFull) items = new Set();
    items.add(observation.itemId);
    if (part && !isFull) part.push(observation);
    else parts.push([observation]);
  }
  return parts;
}
