import type { Bus, SubscribeOptions } from '@attune/bus';
import { openEmbeddedLog, topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { migrate, openPglite } from '@attune/database';
import type { Interaction } from '@attune/domain';
import { createLogger, createMetrics } from '@attune/service';
import { buildInteraction, emptyTables, eventually } from '@attune/testing';
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
  // Between the commit in Postgres and the commit on the bus lies the moment in which a crash brings the batch back.
  const again: Bus = {
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
  const archive = await startArchive({ bus: again, database, now: Date.now, metrics: createMetrics(), logger });
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
