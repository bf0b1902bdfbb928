import { datasetGroupName, eventId, itemId, userId } from '@attune/domain';
import { describeOnServers } from '@attune/testing';
import { openRedis, type RedisConnection } from './redisConnection';
import { redisSessions } from './redisSessions';
import type { SessionStore } from './sessionStore';
import { sessionStoreContract } from './sessionStore.contract';
import { DEFAULT_HISTORY_LIMITS, type HistoryEvent } from './userHistory';

describeOnServers('User state in Redis', ['redis'], (servers) => {
  let redis: RedisConnection;
  let prefix: string;
  let store: SessionStore;

  beforeAll(async () => {
    redis = await openRedis({ url: servers.redis.url });
  });
  afterAll(() => {
    redis.close();
  });
  beforeEach(() => {
    prefix = servers.redis.newPrefix();
    store = redisSessions({ redis, prefix });
  });

  sessionStoreContract('Redis', async (limits) => redisSessions({ redis, limits, prefix: servers.redis.newPrefix() }));

  const ada = { datasetGroup: datasetGroupName('films'), historyKey: userId('ada') };
  const event = (offset: number, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
    eventId: eventId(`event-${offset}`),
    eventType: 'click',
    itemId: itemId(`film-${offset}`),
    timestamp: 1000 + offset,
    offset,
    ...more,
  });
  const nothing = async () => [];
  const keys = async () => (await redis.run((client) => client.keys(`${prefix}*`))).sort();

  test('is one key, whose tag puts all that belongs to a user on one node of a cluster', async () => {
    await store.apply([{ owner: { ...ada, historyKey: userId('a}{b/c%*') }, events: [event(1)] }], nothing);
    await expect(keys()).resolves.toEqual([`${prefix}user:{films/a%7D%7Bb%2Fc%25*}`]);
  });

  test('is forgotten some time after the last event', async () => {
    store = redisSessions({ redis, prefix, ttlSeconds: 60 });
    await store.apply([{ owner: ada, events: [event(1)] }], nothing);
    const [key] = await keys();
    await redis.run((client) => client.expire(key!, 5));
    await store.apply([{ owner: ada, events: [event(1)] }], nothing);
    const ttl = await redis.run((client) => client.ttl(key!));
    expect(ttl).toBeGreaterThan(55);
    expect(ttl).toBeLessThanOrEqual(60);
  });

  test('stays the same, and small, through any number of events', async () => {
    const events = Array.from({ length: 1000 }, (_, offset) =>
      event(offset, { itemId: itemId(`film-${offset % 300}`) }),
    );
    for (let start = 0; start < events.length; start += 7) {
      await store.apply([{ owner: ada, events: events.slice(start, start + 7) }], nothing);
    }
    const history = await store.get(ada);
    expect(history?.events).toEqual(events.slice(-DEFAULT_HISTORY_LIMITS.events));
    expect(history?.items).toHaveLength(300);
    expect(history?.items[0]).toBe('film-99');
    const [key] = await keys();
    await expect(redis.run((client) => client.hstrlen(key!, 'log'))).resolves.toBeLessThanOrEqual(10_000);
  });

  test('of an absent user is restored once by several processes, and none of their events is lost', async () => {
    const processes = Array.from({ length: 4 }, () => redisSessions({ redis, prefix }));
    const archive = async () => [event(0, { itemId: itemId('archived') })];
    await Promise.all(
      processes.map((each, index) => each.apply([{ owner: ada, events: [event(index + 1)] }], archive)),
    );
    const history = await store.get(ada);
    expect(history?.events.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
  });

  test('that several processes change at once has every event once', async () => {
    const processes = Array.from({ length: 4 }, () => redisSessions({ redis, prefix }));
    const events = Array.from({ length: 180 }, (_, offset) => event(offset));
    await Promise.all(
      processes.map(async (each) => {
        for (const one of events) await each.apply([{ owner: ada, events: [one] }], nothing);
      }),
    );
    expect((await store.get(ada))?.events).toEqual(events);
  });

  test('asks the archive again where it was cleared while it answered', async () => {
    const answers = ['before the import', 'after the import'];
    await store.apply([{ owner: ada, events: [event(1)] }], async () => {
      const item = itemId(answers.shift()!);
      if (answers.length > 0) await store.clear(ada.datasetGroup);
      return [{ eventType: 'watch', itemId: item, timestamp: 1 }];
    });
    await expect(store.get(ada)).resolves.toMatchObject({ items: ['film-1', 'after the import'] });
  });

  test('comes back from the archive after Redis lost it', async () => {
    await store.apply([{ owner: ada, events: [event(1), event(2)] }], nothing);
    const before = await store.get(ada);
    await redis.deleteMatching(`${prefix}*`);
    await expect(store.get(ada)).resolves.toBeUndefined();
    const counted = await store.apply([{ owner: ada, events: [event(2), event(3)] }], async () => [event(1), event(2)]);
    expect(counted).toEqual([event(2), event(3)]);
    const after = await store.get(ada);
    expect(after?.items).toEqual(['film-3', 'film-2', 'film-1']);
    expect(after?.revision).not.toBe(before?.revision);
  });

  test.each([
    ['quotes and brackets', '","[x]\n["event-2",'],
    ['backslashes and quotes', '\\"\\\\",null,"\\u0022'],
    ['line breaks', 'a\n\r\u2028b'],
    ['other scripts', 'ключ-観客-🎬'],
  ])('takes ids with %s', async (_, odd) => {
    const given = event(1, { eventId: eventId(odd), itemId: itemId(odd), properties: { [odd]: odd } });
    await store.apply([{ owner: ada, events: [given] }], nothing);
    await expect(
      store.apply([{ owner: ada, events: [event(2), event(3, { eventId: eventId(odd) })] }], nothing),
    ).resolves.toEqual([event(2)]);
    await expect(store.get(ada)).resolves.toMatchObject({ events: [given, event(2)], items: ['film-2', odd] });
  });
});
