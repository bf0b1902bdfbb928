import type { Bus, SubscribeOptions } from '@attune/bus';
import { openEmbeddedLog, topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { findSlate, migrate, openPglite } from '@attune/database';
import { type Interaction, itemId, recommendationId, type Slate } from '@attune/domain';
import { createLogger, createMetrics } from '@attune/service';
import { buildInteraction, buildSlate, emptyTables, eventually } from '@attune/testing';
import { startArchive } from './startArchive';

const logger = createLogger({ service: 'test', level: 'silent' });

let database: Database;
let bus: Bus;

beforeAll(async () => {
  database = await openPglite();
  await migrate(database);
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  bus = await openEmbeddedLog({ database, logger });
});

afterEach(async () => {
  await bus.close();
  await emptyTables(database);
});

const publish = (...interactions: Interaction[]) =>
  bus.publish(
    topics.interactions,
    interactions.map((value) => ({ key: value.userId ?? value.sessionId, value })),
  );

const archived = async () =>
  (await database.query<{ event_id: string }>('select event_id from interaction order by id')).map(
    (row) => row.event_id,
  );

test('every event is archived, a repeated event id once', async () => {
  const archive = await startArchive({ bus, database, now: Date.now, metrics: createMetrics(), logger });
  await publish(buildInteraction({ eventId: 'a' }), buildInteraction({ eventId: 'b' }));
  await publish(buildInteraction({ eventId: 'a' }), buildInteraction({ eventId: 'c' }));
  await eventually(async () => expect(await archived()).toEqual(['a', 'b', 'c']));
  await archive.stop();
});

test('batches with repeated events and without are told apart, and counted', async () => {
  const metrics = createMetrics();
  const archive = await startArchive({ bus, database, now: Date.now, metrics, logger });
  const batches = ['a', 'ba', 'bab', 'c', 'dd', 'e', 'ea', 'f'];
  for (const batch of batches) {
    const position = async () =>
      (await database.query<{ next: number }>('select next_offset as next from archive_position'))[0]?.next ?? 0;
    const before = await position();
    await publish(...[...batch].map((eventId) => buildInteraction({ eventId })));
    await eventually(async () => expect(await position()).toBe(before + batch.length));
  }
  await archive.stop();
  expect(await archived()).toEqual([...'abcdef']);
  const { values } = await metrics.getSingleMetric('attune_archive_interactions_total')!.get();
  const counts = Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
  expect(counts).toEqual({ archived: 6, repeated: batches.join('').length - 6 });
});

test('a batch that is given again after it was committed changes nothing, not even the positions', async () => {
  const archive = await startArchive({
    bus: givesTwice(bus),
    database,
    now: Date.now,
    metrics: createMetrics(),
    logger,
  });
  await publish(buildInteraction({ eventId: 'a' }), buildInteraction({ eventId: 'b' }));
  await eventually(async () => expect(await archived()).toEqual(['a', 'b']));
  await archive.stop();
  const positions = await database.query('select next_offset from archive_position');
  expect(positions).toEqual([{ next_offset: 2 }]);
  expect(await archived()).toEqual(['a', 'b']);
});

test('a later start goes on where the position stands', async () => {
  const metrics = createMetrics();
  const before = await startArchive({ bus, database, now: Date.now, metrics, logger });
  await publish(buildInteraction({ eventId: 'a' }));
  await eventually(async () => expect(await archived()).toEqual(['a']));
  await before.stop();
  await publish(buildInteraction({ eventId: 'b' }));
  const after = await startArchive({ bus, database, now: Date.now, metrics: createMetrics(), logger });
  await eventually(async () => expect(await archived()).toEqual(['a', 'b']));
  await after.stop();
});

/** Between the commit in Postgres and the commit on the bus lies the moment in which a crash brings a batch back. */
function givesTwice(bus: Bus): Bus {
  return {
    ...bus,
    publish: bus.publish.bind(bus),
    subscribe: <Value>(topic: Parameters<typeof bus.subscribe<Value>>[0], options: SubscribeOptions<Value>) =>
      bus.subscribe(topic, {
        ...options,
        onBatch: async (batch) => {
          await options.onBatch(batch);
          await options.onBatch(batch);
        },
      }),
  };
}

describe('every served list', () => {
  const serve = (...slates: Slate[]) =>
    bus.publish(
      topics.slates,
      slates.map((value) => ({ key: value.userId ?? value.recommendationId, value })),
    );
  const servedIds = async () =>
    (await database.query<{ id: string }>('select recommendation_id as id from slate order by served_ms, id')).map(
      ({ id }) => id,
    );
  const called = (id: string, members: Partial<Slate> = {}) =>
    buildSlate({ recommendationId: recommendationId(id), ...members });

  test('is kept as it was, once, though it is published again or its batch is given again', async () => {
    const metrics = createMetrics();
    const archive = await startArchive({ bus: givesTwice(bus), database, now: Date.now, metrics, logger });
    await serve(called('a'), called('b'));
    await serve(called('a'), called('c', { context: { DEVICE: 'tv' } }));
    await eventually(async () => expect(await servedIds()).toEqual(['a', 'b', 'c']));
    await archive.stop();
    const kept = called('c', { context: { DEVICE: 'tv' } });
    expect(await findSlate(database, recommendationId('c'))).toEqual(kept);
    const { values } = await metrics.getSingleMetric('attune_archive_slates_total')!.get();
    expect(Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]))).toEqual({
      archived: 3,
      repeated: 1,
    });
    const positions = await database.query(`select next_offset as next from archive_position where topic = 'slates'`);
    expect(positions).toEqual([{ next: 4 }]);
  });

  test('that Postgres can not store goes to the dead letters, and the next is kept', async () => {
    const archive = await startArchive({ bus, database, now: Date.now, metrics: createMetrics(), logger });
    const slots = [{ itemId: itemId('film\u0000'), score: 0, propensity: 1, explored: false }];
    await serve(called('bad', { slots }), called('good'));
    await eventually(async () => expect(await servedIds()).toEqual(['good']));
    await archive.stop();
  });

  test('leaves with its month when its days are over', async () => {
    const start = Date.UTC(2031, 0, 15);
    const options = { bus, database, metrics: createMetrics(), logger };
    const archive = await startArchive({ ...options, now: () => start });
    await serve(called('old', { servedAt: start }), called('young', { servedAt: start + 40 * 86_400_000 }));
    await eventually(async () => expect(await servedIds()).toEqual(['old', 'young']));
    await archive.stop();
    const later = await startArchive({
      ...options,
      metrics: createMetrics(),
      now: () => start + 70 * 86_400_000,
      slateRetentionDays: 30,
    });
    await eventually(async () => expect(await servedIds()).toEqual(['young']));
    await later.stop();
  });
});
