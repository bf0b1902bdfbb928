import type { Message } from '@attune/bus';
import {
  advanceArchivePositions,
  archiveInteractions,
  createDatasetGroup,
  type Database,
  importInteractions,
  migrate,
  openPglite,
} from '@attune/database';
import { datasetGroupName, eventId, type Interaction, itemId, sessionId, userId } from '@attune/domain';
import { inMemoryItemStatistics, inMemoryLists, inMemorySessions } from '@attune/session';
import { applyInteractions } from './applyInteractions';
import { archivedStatistics } from './restoreFromArchive';

const ann = userId('ann');

let database: Database;
/** Of each test its own, so that they share a database. */
let shop = datasetGroupName('');
let partition = 0;

beforeAll(async () => {
  database = await openPglite();
  await migrate(database);
});
beforeEach(async () => {
  partition += 1;
  shop = datasetGroupName(`shop${partition}`);
  await createDatasetGroup(database, { name: shop, createdAt: 0 });
});
afterAll(() => database.close());

/** A click on an item of the same number. */
function click(offset: number, user = ann): Message<Interaction> {
  const value: Interaction = {
    datasetGroup: shop,
    eventId: eventId(`e${offset}`),
    userId: user,
    sessionId: sessionId('s'),
    eventType: 'click',
    itemId: itemId(`i${offset}`),
    timestamp: 1_000_000 + offset,
    receivedAt: 1_000_000 + offset,
  };
  return { key: user, value, offset, publishedAt: value.receivedAt };
}

/** Stores that can lose everything, over an archive that reads the bus only when it is waited for. */
function forgetful() {
  const stores = { sessions: inMemorySessions(), statistics: inMemoryItemStatistics(), lists: inMemoryLists() };
  const bus: Message<Interaction>[] = [];
  let archived = 0;
  const wipe = () =>
    Object.assign(stores, {
      sessions: inMemorySessions(),
      statistics: inMemoryItemStatistics(),
      lists: inMemoryLists(),
    });
  const archiveCatchUp = async () => {
    const unread = bus.slice(archived);
    archived = bus.length;
    await archiveInteractions(
      database,
      unread.map(({ value, offset }) => ({ event: value, partition, offset })),
    );
    await advanceArchivePositions(database, 'interactions', new Map([[partition, bus.length]]));
  };
  const recovery = { restorations: 0, archiveCatchUp, archivedStatistics: () => archivedStatistics(database, shop) };
  return {
    wipe,
    archiveCatchUp,
    stores,
    /** Publishes the messages and applies them, as one batch. */
    apply: async (...messages: Message<Interaction>[]) => {
      bus.push(...messages);
      const state = {
        database,
        recovery,
        get sessions() {
          return stores.sessions;
        },
        get statistics() {
          return stores.statistics;
        },
        get lists() {
          return stores.lists;
        },
      };
      await applyInteractions(state, partition, messages);
    },
    history: async () =>
      (await stores.sessions.get({ datasetGroup: shop, historyKey: ann }))?.events.map((event) => event.itemId),
    counts: async () =>
      Object.fromEntries((await stores.statistics.popular(shop, 10)).map((item) => [item.itemId, item.interactions])),
  };
}

test('stores that were emptied are complete again after the next batch, though the archive lay behind', async () => {
  const { apply, wipe, history, counts } = forgetful();
  await apply(click(0));
  await apply(click(1));
  wipe();
  await apply(click(2));
  expect(await history()).toEqual(['i0', 'i1', 'i2']);
  expect(await counts()).toEqual({ i0: 1, i1: 1, i2: 1 });
});

test('stores that are emptied in the middle of a batch are complete after it, though the archive lay behind', async () => {
  const { apply, wipe, history, counts, stores } = forgetful();
  await apply(click(0));
  await apply(click(1));
  const { sessions } = stores;
  sessions.apply = (...args) => {
    wipe();
    return stores.sessions.apply(...args);
  };
  await apply(click(2));
  expect(await history()).toEqual(['i0', 'i1', 'i2']);
  expect(await counts()).toEqual({ i0: 1, i1: 1, i2: 1 });
});

test('stores that are emptied in the middle of two batches at once are complete after both', async () => {
  const { apply, wipe, history, counts, stores } = forgetful();
  await apply(click(0));
  await apply(click(1));
  const { sessions } = stores;
  sessions.apply = async (...args) => {
    wipe();
    const counted = await stores.sessions.apply(...args);
    await apply(click(3, userId('bob')));
    return counted;
  };
  await apply(click(2));
  expect(await history()).toEqual(['i0', 'i1', 'i2']);
  expect(await counts()).toEqual({ i0: 1, i1: 1, i2: 1, i3: 1 });
});

test('what was imported comes back once', async () => {
  const { apply, wipe, history, stores } = forgetful();
  await importInteractions(database, shop, [
    { userId: ann, itemId: itemId('imported'), eventType: 'click', timestamp: 500_000 },
  ]);
  await apply(click(0));
  const { sessions } = stores;
  sessions.apply = (...args) => {
    wipe();
    return stores.sessions.apply(...args);
  };
  await apply(click(1));
  expect(await history()).toEqual(['imported', 'i0', 'i1']);
});

test('a batch that is given again changes nothing', async () => {
  const { apply, history, counts, archiveCatchUp } = forgetful();
  await apply(click(0), click(1));
  await archiveCatchUp();
  await apply(click(0), click(1));
  expect(await history()).toEqual(['i0', 'i1']);
  expect(await counts()).toEqual({ i0: 1, i1: 1 });
});
