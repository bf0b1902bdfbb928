import { datasetGroupName, itemId } from '@attune/domain';
import { describeOnServers } from '@attune/testing';
import { type ItemCounts, type ItemObservation, type ItemStatistics, POPULARITY_LANDMARK_MS } from './itemStatistics';
import { itemStatisticsContract } from './itemStatistics.contract';
import { openRedis, type RedisConnection } from './redisConnection';
import { redisItemStatistics } from './redisItemStatistics';

describeOnServers('Item statistics in Redis', ['redis'], (servers) => {
  let redis: RedisConnection;
  let prefix: string;
  let statistics: ItemStatistics;

  beforeAll(async () => {
    redis = await openRedis({ url: servers.redis.url });
  });
  afterAll(() => {
    redis.close();
  });
  beforeEach(() => {
    prefix = servers.redis.newPrefix();
    statistics = redisItemStatistics({ redis, prefix });
  });

  itemStatisticsContract('Redis', async () => redisItemStatistics({ redis, prefix: servers.redis.newPrefix() }));

  const films = datasetGroupName('films');
  const click = (offset: number, item = 'film'): ItemObservation => ({
    kind: 'interaction',
    itemId: itemId(item),
    timestamp: POPULARITY_LANDMARK_MS,
    offset,
  });
  const counts = (item: string, interactions: number): ItemCounts => ({
    itemId: itemId(item),
    interactions,
    popularity: interactions,
    impressions: 0,
    impressionWeight: 0,
    clickWeight: 0,
    firstInteraction: POPULARITY_LANDMARK_MS,
    lastInteraction: POPULARITY_LANDMARK_MS,
  });
  const popular = async (limit = 10) =>
    (await statistics.popular(films, limit)).map((each) => [each.itemId, each.interactions]);

  test('that Redis lost come back from the archive, and go on from its positions', async () => {
    await statistics.add(films, 0, [click(1), click(2)]);
    await redis.deleteMatching(`${prefix}*`);
    await expect(statistics.holds(films)).resolves.toBe(false);
    const archive = async () => ({ positions: new Map([[0, 4]]), counts: [counts('film', 3)] });
    await statistics.add(films, 0, [click(3), click(4)], archive);
    await expect(statistics.holds(films)).resolves.toBe(true);
    await expect(popular()).resolves.toEqual([['film', 4]]);
  });

  test('are taken from the archive once by several processes, and each counts its partition', async () => {
    const processes = Array.from({ length: 4 }, () => redisItemStatistics({ redis, prefix }));
    const archive = async () => ({ positions: new Map(), counts: [counts('film', 100)] });
    await Promise.all(processes.map((each, partition) => each.add(films, partition, [click(0)], archive)));
    await expect(popular()).resolves.toEqual([['film', 104]]);
  });

  test('of a whole catalogue are replaced while they are read, and nobody sees half of them', async () => {
    const catalogue = (interactions: number) =>
      Array.from({ length: 5000 }, (_, index) => counts(`film-${index}`, interactions));
    await statistics.replace(films, new Map(), catalogue(1));
    let replaced = false;
    const replacing = statistics.replace(films, new Map(), catalogue(2)).then(() => {
      replaced = true;
    });
    while (!replaced) expect(await popular(10_000)).toHaveLength(5000);
    await replacing;
    expect(new Set((await popular(10_000)).map(([, interactions]) => interactions))).toEqual(new Set([2]));
    await expect(redis.run((client) => client.keys(`${prefix}*`))).resolves.toHaveLength(4);
  });

  test('count a large batch in parts, and every event whole', async () => {
    const filmsOf = (offset: number) => Array.from({ length: 24 }, (_, n) => `film-${24 * offset + n}`);
    const events = Array.from({ length: 300 }, (_, offset) => [
      ...filmsOf(offset).map((film): ItemObservation => ({ ...click(offset, film), kind: 'impression' })),
      click(offset),
    ]);
    for (let round = 0; round < 2; round++) await statistics.add(films, 0, events.flat());
    await expect(popular()).resolves.toEqual([['film', 300]]);
    const seen = events.flatMap((_, offset) => filmsOf(offset)).map(itemId);
    const found = [...(await statistics.counts(films, seen)).values()];
    expect(found.map(({ impressions }) => impressions)).toEqual(new Array(7200).fill(1));
  });

  test('tell the fresh among very many items, and where nearly all are fresh', async () => {
    const catalogue = Array.from({ length: 12_000 }, (_, index) => ({
      ...counts(`film-${index}`, index + 1),
      firstInteraction: POPULARITY_LANDMARK_MS + (index % 10),
    }));
    await statistics.replace(films, new Map(), catalogue);
    const expected = (since: number, limit: number) =>
      catalogue
        .filter(({ firstInteraction }) => firstInteraction >= POPULARITY_LANDMARK_MS + since)
        .toReversed()
        .slice(0, limit);
    for (const [since, limit] of [
      [1, 2500],
      [0, 20_000],
      [9, 100],
      [9, 5000],
      [10, 10],
    ] as const) {
      const found = await statistics.fresh(films, POPULARITY_LANDMARK_MS + since, limit);
      expect(found).toEqual(expected(since, limit));
    }
  });

  test('count each offset once, whatever the batches in which several processes are given them', async () => {
    const processes = Array.from({ length: 3 }, () => redisItemStatistics({ redis, prefix }));
    const clicks = Array.from({ length: 300 }, (_, offset) => click(offset, `film-${offset % 7}`));
    await Promise.all(
      processes.map(async (each, index) => {
        const size = 10 + 7 * index;
        for (let start = 0; start < clicks.length; start += size) {
          await each.add(films, 0, clicks.slice(start, start + size));
        }
      }),
    );
    const total = (await statistics.popular(films, 10)).reduce((sum, { interactions }) => sum + interactions, 0);
    expect(total).toBe(300);
  });
});
