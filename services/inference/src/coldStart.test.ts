import { datasetGroupName, type ItemId, itemId } from '@attune/domain';
import { Scorer } from '@attune/recommender';
import { createLogger, Registry } from '@attune/service';
import { inMemoryItemStatistics, popularityWeight } from '@attune/session';
import { breakable } from './breakable.fixture';
import { ColdStart, mixFresh } from './coldStart';
import { createInferenceMetrics } from './inferenceMetrics';
import { StoreWatch } from './storeWatch';
import { testModel } from './testModel';

const logger = createLogger({ service: 'test', level: 'silent' });
const shop = datasetGroupName('shop');
const DAY = 24 * 3600 * 1000;
const LATEST = Date.parse('2026-01-31T12:00:00Z');
const scorer = new Scorer(testModel({ itemIds: ['a', 'b', 'c'] }));

interface Counted {
  interactions: number;
  firstDaysAgo: number;
  lastDaysAgo?: number;
  createdDaysAgo?: number;
}

/** A cold start over items that were touched so often since then. */
async function coldStart(items: Record<string, Counted>) {
  const statistics = inMemoryItemStatistics();
  const counts = Object.entries(items)
    .filter(([, { interactions }]) => interactions > 0)
    .map(([id, { interactions, firstDaysAgo, lastDaysAgo = 0 }]) => ({
      itemId: itemId(id),
      interactions,
      popularity: interactions * popularityWeight(LATEST - lastDaysAgo * DAY),
      impressions: 0,
      impressionWeight: 0,
      clickWeight: 0,
      firstInteraction: LATEST - firstDaysAgo * DAY,
      lastInteraction: LATEST - lastDaysAgo * DAY,
    }));
  await statistics.replace(shop, new Map(), counts);
  const created = new Map<ItemId, number>();
  for (const [id, { createdDaysAgo }] of Object.entries(items)) {
    if (createdDaysAgo !== undefined) created.set(itemId(id), LATEST - createdDaysAgo * DAY);
  }
  const clock = { now: LATEST };
  const catalog = {
    createdAt: (_group: string, id: ItemId) => created.get(id),
    createdSince: (_group: string, since: number) => [...created.keys()].filter((id) => created.get(id)! >= since),
  };
  const now = () => clock.now;
  const reading = breakable(statistics);
  const stores = new StoreWatch({ metrics: createInferenceMetrics(new Registry()), logger, now });
  const cold = new ColdStart({ statistics: reading.store, catalog, stores, now });
  const list = async (size: number) => (await cold.list(shop, scorer, [], size)).candidates;
  return { statistics, reading, clock, cold, list };
}

const candidate = (id: string) => ({ itemId: itemId(id), score: 0.1 });
const letters = (text: string) => [...text].map(candidate);
const shown = (slots: { itemId: string }[]) => slots.map((slot) => slot.itemId).join('');

describe('mixing', () => {
  test('every fifth slot is for a fresh item, and says so', () => {
    const slots = mixFresh({ popular: letters('abcdefghij'), fresh: letters('XY') }, new Set(), 10);
    expect(shown(slots)).toBe('abcdXefghY');
    expect(slots.map(({ reason }) => reason === 'Fresh item')).toEqual([...'0000100001'].map((flag) => flag === '1'));
  });

  test('no item comes twice, and hidden items do not come', () => {
    const slots = mixFresh({ popular: letters('abcdefghij'), fresh: letters('bXc') }, new Set([itemId('a')]), 6);
    expect(shown(slots)).toBe('bcdeXf');
  });

  test('where one list ends the other fills the slots', () => {
    expect(shown(mixFresh({ popular: letters('ab'), fresh: letters('XYZ') }, new Set(), 5))).toBe('abXYZ');
    expect(shown(mixFresh({ popular: letters('abcdefg'), fresh: [] }, new Set(), 7))).toBe('abcdefg');
    expect(mixFresh({ popular: [], fresh: [] }, new Set(), 5)).toEqual([]);
  });
});

test('popular items come by decayed popularity, each with its share of all', async () => {
  const { list } = await coldStart({
    old: { interactions: 4, firstDaysAgo: 300, lastDaysAgo: 60 },
    new: { interactions: 3, firstDaysAgo: 200 },
  });
  const slots = await list(2);
  expect(slots.map(({ itemId: id, reason }) => [id, reason])).toEqual([
    ['new', 'Popular item'],
    ['old', 'Popular item'],
  ]);
  // Sixty days are two half-lives, so 4 interactions weigh as much as 1 of today.
  expect(slots[0]!.score).toBeCloseTo(3 / 4, 10);
  expect(slots[1]!.score).toBeCloseTo(1 / 4, 10);
});

test('an item is fresh by its creation where the catalogue has it, else by its first interaction', async () => {
  const { list } = await coldStart({
    p1: { interactions: 90, firstDaysAgo: 300 },
    p2: { interactions: 80, firstDaysAgo: 300 },
    p3: { interactions: 70, firstDaysAgo: 300 },
    p4: { interactions: 60, firstDaysAgo: 300 },
    p5: { interactions: 50, firstDaysAgo: 300 },
    seldom: { interactions: 1, firstDaysAgo: 29 },
    aged: { interactions: 2, firstDaysAgo: 31 },
    reissued: { interactions: 3, firstDaysAgo: 10, createdDaysAgo: 400 },
    untouched: { interactions: 0, firstDaysAgo: 0, createdDaysAgo: 5 },
  });
  const slots = await list(10);
  const fresh = slots.filter(({ reason }) => reason === 'Fresh item').map((slot) => slot.itemId as string);
  expect(slots[4]).toMatchObject({ itemId: 'seldom', reason: 'Fresh item' });
  expect(fresh).toEqual(['seldom', 'untouched']);
});

test('without statistics the popularity that the model was trained on decides', async () => {
  const { list } = await coldStart({});
  const slots = await list(3);
  expect(shown(slots)).toBe('abc');
  expect(slots.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test('the statistics are read again after a second', async () => {
  const { list, clock, statistics } = await coldStart({ a: { interactions: 1, firstDaysAgo: 300 } });
  expect(shown(await list(5))).toBe('a');
  await statistics.add(shop, 0, [
    { kind: 'interaction', itemId: itemId('b'), timestamp: LATEST - 40 * DAY, offset: 7 },
  ]);
  expect(shown(await list(5))).toBe('a');
  clock.now += 1_000;
  expect(shown(await list(5))).toBe('ab');
});

test('while the statistics are away, what they said last goes on, marked', async () => {
  const { cold, clock, reading } = await coldStart({ z: { interactions: 1, firstDaysAgo: 300 } });
  expect((await cold.list(shop, scorer, [], 3)).degraded).toBe(false);
  reading.away = true;
  clock.now += 1_000;
  const { candidates, degraded } = await cold.list(shop, scorer, [], 3);
  expect([shown(candidates), degraded]).toEqual(['z', true]);
  reading.away = false;
  clock.now += 1_000;
  expect((await cold.list(shop, scorer, [], 3)).degraded).toBe(false);
});

test('where the statistics were never there, the popularity that the model was trained on decides, marked', async () => {
  const { cold, reading } = await coldStart({ z: { interactions: 1, firstDaysAgo: 300 } });
  reading.away = true;
  const { candidates, degraded } = await cold.list(shop, scorer, [], 3);
  expect([shown(candidates), degraded]).toEqual(['abc', true]);
});
