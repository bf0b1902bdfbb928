import type { Bus } from '@attune/bus';
import { openEmbeddedLog, topics } from '@attune/bus';
import type { Database } from '@attune/database';
import {
  advanceArchivePositions,
  archiveInteractions,
  createDatasetGroup,
  importInteractions,
  migrate,
  openPglite,
} from '@attune/database';
import type { Interaction, Slate } from '@attune/domain';
import { datasetGroupName, itemId, recommendationId, userId } from '@attune/domain';
import { createLogger, createMetrics } from '@attune/service';
import { inMemoryItemStatistics, inMemoryLists, inMemorySessions } from '@attune/session';
import { buildInteraction, emptyTables, eventually } from '@attune/testing';
import { startFeature } from './startFeature';

const GROUP = datasetGroupName('shop');
const OWNER = { datasetGroup: GROUP, historyKey: userId('user-1') };
const logger = createLogger({ service: 'test', level: 'silent' });

let database: Database;
let bus: Bus;
let stops: (() => Promise<void>)[];

beforeAll(async () => {
  database = await openPglite();
  await migrate(database);
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await createDatasetGroup(database, { name: GROUP, createdAt: 0 });
  bus = await openEmbeddedLog({ database, logger });
  stops = [];
});

afterEach(async () => {
  for (const stop of stops) await stop();
  await bus.close();
  await emptyTables(database);
});

/** A feature process with nothing in memory. */
async function start() {
  const sessions = inMemorySessions();
  const statistics = inMemoryItemStatistics();
  const lists = inMemoryLists();
  const feature = await startFeature({ bus, database, sessions, statistics, lists, metrics: createMetrics(), logger });
  stops.push(() => feature.stop());
  const items = async () => (await sessions.get(OWNER))?.events.map((event) => event.itemId);
  const popular = async () =>
    (await statistics.popular(GROUP, 10)).map(({ itemId, interactions, impressions }) => ({
      itemId,
      interactions,
      impressions,
    }));
  const seen = async () => {
    const counts = await statistics.counts(GROUP, ['i1', 'i2', 'i3'].map(itemId));
    return Object.fromEntries(
      [...counts].flatMap(([id, { impressions }]) => (impressions > 0 ? [[id, impressions]] : [])),
    );
  };
  return { feature, sessions, statistics, items, popular, seen };
}

const publish = (...interactions: Interaction[]) =>
  bus.publish(
    topics.interactions,
    interactions.map((value) => ({ key: value.userId ?? value.sessionId, value })),
  );

/** What the archive service does, for the events up to and including an offset of the only partition in use. */
async function archive(interactions: readonly Interaction[]): Promise<void> {
  const places: { partition: number; offset: number }[] = [];
  const following = await bus.follow(topics.interactions, {
    from: 'beginning',
    onBatch: async ({ partition, messages }) =>
      void places.push(...messages.map(({ offset }) => ({ partition, offset }))),
  });
  await eventually(() => expect(places.length).toBeGreaterThanOrEqual(interactions.length));
  await following.stop();
  const streamed = interactions.map((interaction, index) => ({ event: interaction, ...places[index]! }));
  await archiveInteractions(database, streamed);
  const last = streamed.at(-1)!;
  await advanceArchivePositions(database, topics.interactions.name, new Map([[last.partition, last.offset + 1]]));
}

/** What inference puts on the bus when it has served a list. */
const serve = (id: string, items: readonly string[]) => {
  const slate: Slate = {
    datasetGroup: GROUP,
    recommendationId: recommendationId(id),
    campaignArn: 'arn:campaign',
    solutionVersionArn: 'arn:version',
    userId: OWNER.historyKey,
    servedAt: 1000,
    kind: 'recommendations',
    policy: {
      version: 'slot-softmax-1',
      explorationWeight: 0,
      explorationItemAgeCutOff: 30,
      seed: id,
      exposureImpressions: 0,
      exposureHours: 24,
    },
    relevant: [],
    pool: [],
    poolEligible: 0,
    clickRate: 0,
    slots: items.map((item) => ({ itemId: itemId(item), score: 0.1, propensity: 1, explored: false })),
    degraded: false,
  };
  return bus.publish(topics.slates, [{ key: OWNER.historyKey, value: slate }]);
};

const first = buildInteraction({ eventId: 'e1', itemId: 'i1', timestamp: 1000 });
const second = buildInteraction({ eventId: 'e2', itemId: 'i2', timestamp: 2000, impression: ['i1', 'i2', 'i3'] });

test('an event reaches user state and item statistics, in the order of event times', async () => {
  const { items, popular } = await start();
  await publish(second);
  await publish(first);
  await eventually(async () => expect(await items()).toEqual(['i1', 'i2']));
  await eventually(async () =>
    expect(await popular()).toEqual([
      { itemId: 'i2', interactions: 1, impressions: 1 },
      { itemId: 'i1', interactions: 1, impressions: 1 },
    ]),
  );
});

test('a repeated event id counts once', async () => {
  const { items, popular } = await start();
  await publish(first, first);
  await publish(first, buildInteraction({ eventId: 'e9', itemId: 'i9', timestamp: 9000 }));
  await eventually(async () => expect(await items()).toEqual(['i1', 'i9']));
  await eventually(async () => expect((await popular()).map(({ interactions }) => interactions)).toEqual([1, 1]));
});

test('a new process knows what was archived, and replays what was not', async () => {
  const before = await start();
  await publish(first);
  await eventually(async () => expect(await before.items()).toEqual(['i1']));
  await archive([first]);
  await publish(second);
  await eventually(async () => expect(await before.items()).toEqual(['i1', 'i2']));
  await before.feature.stop();

  const after = await start();
  await eventually(async () => expect(await after.items()).toEqual(['i1', 'i2']));
  await eventually(async () => expect((await after.popular()).map(({ interactions }) => interactions)).toEqual([1, 1]));
});

test('an import changes the histories and statistics beneath what streamed in', async () => {
  const { items, popular } = await start();
  await publish(second);
  await eventually(async () => expect(await items()).toEqual(['i2']));
  await importInteractions(database, GROUP, [
    { userId: OWNER.historyKey, itemId: itemId('old'), eventType: 'click', timestamp: 500 },
  ]);
  await bus.publish(topics.catalog, [
    { key: GROUP, value: { datasetGroup: GROUP, kind: 'interactions', changedAt: 1 } },
  ]);
  await eventually(async () => expect(await items()).toEqual(['old', 'i2']));
  await eventually(async () => expect((await popular()).map(({ itemId }) => itemId)).toContain('old'));
});

test('an event that names a served list counts an impression of each of its items, once', async () => {
  const { seen, items } = await start();
  await serve('RID-1', ['i1', 'i2']);
  const answer = { recommendationId: 'RID-1', itemId: 'i2' };
  await publish(buildInteraction({ ...answer, eventId: 'e1' }), buildInteraction({ ...answer, eventId: 'e2' }));
  await eventually(async () => expect(await seen()).toEqual({ i1: 1, i2: 1 }));
  await publish(buildInteraction({ ...answer, eventId: 'e3', impression: ['i2', 'i3'], timestamp: 3000 }));
  await eventually(async () => expect(await seen()).toEqual({ i2: 1, i3: 1 }));
  expect(await items()).toEqual(['i2', 'i2', 'i2']);
});

test('an event that comes before its list counts when the list comes', async () => {
  const { seen, items } = await start();
  await publish(buildInteraction({ eventId: 'e1', itemId: 'i1', recommendationId: 'RID-2' }));
  await eventually(async () => expect(await items()).toEqual(['i1']));
  expect(await seen()).toEqual({});
  await serve('RID-2', ['i1', 'i3']);
  await eventually(async () => expect(await seen()).toEqual({ i1: 1, i3: 1 }));
});

test('a new process knows the lists that were served before', async () => {
  const before = await start();
  await serve('RID-3', ['i1', 'i2']);
  await before.feature.stop();
  const after = await start();
  await publish(buildInteraction({ eventId: 'e1', itemId: 'i1', recommendationId: 'RID-3' }));
  await eventually(async () => expect(await after.seen()).toEqual({ i1: 1, i2: 1 }));
});
