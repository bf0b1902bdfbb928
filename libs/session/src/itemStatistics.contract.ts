import { datasetGroupName, itemId } from '@attune/domain';
import {
  type ItemCounts,
  type ItemObservation,
  type ItemStatistics,
  POPULARITY_HALF_LIFE_MS,
  POPULARITY_LANDMARK_MS,
} from './itemStatistics';

/**
 * What every ItemStatistics must do.
 * @param open opens an empty store
 */
export function itemStatisticsContract(name: string, open: () => Promise<ItemStatistics>): void {
  describe(`${name} as ItemStatistics`, () => {
    let statistics: ItemStatistics;
    const films = datasetGroupName('films');

    beforeEach(async () => {
      statistics = await open();
    });
    afterEach(async () => {
      await statistics.close();
    });

    /** So many half-lives after the landmark. */
    const time = (halfLives: number) => POPULARITY_LANDMARK_MS + halfLives * POPULARITY_HALF_LIFE_MS;
    const interaction = (offset: number, item: string, timestamp: number): ItemObservation => ({
      kind: 'interaction',
      itemId: itemId(item),
      timestamp,
      offset,
    });
    const impression = (offset: number, item: string): ItemObservation => ({
      kind: 'impression',
      itemId: itemId(item),
      timestamp: time(0),
      offset,
    });
    const counts = (item: string, popularity: number, more: Partial<ItemCounts> = {}): ItemCounts => ({
      itemId: itemId(item),
      interactions: 1,
      popularity,
      impressions: 0,
      impressionWeight: 0,
      clickWeight: 0,
      firstInteraction: time(0),
      lastInteraction: time(0),
      ...more,
    });
    const add = (...observations: ItemObservation[]) => statistics.add(films, 0, observations);
    const popular = (limit = 100) => statistics.popular(films, limit);
    const popularItems = async () => (await popular()).map((each) => each.itemId);

    test('know nothing of a dataset group without events', async () => {
      await expect(popular()).resolves.toEqual([]);
      await expect(statistics.fresh(films, 0, 10)).resolves.toEqual([]);
      await expect(statistics.latestInteraction(films)).resolves.toBeUndefined();
    });

    test('count interactions with decay, impressions, and the first and the latest time', async () => {
      await add(
        interaction(1, 'a', time(1)),
        impression(2, 'a'),
        impression(2, 'b'),
        interaction(2, 'a', time(0)),
        interaction(3, 'a', time(3)),
      );
      await expect(popular()).resolves.toEqual([
        {
          itemId: 'a',
          interactions: 3,
          popularity: expect.closeTo(1 + 2 + 8, 9),
          impressions: 1,
          impressionWeight: 1,
          clickWeight: 0,
          firstInteraction: time(0),
          lastInteraction: time(3),
        },
      ]);
      await expect(statistics.latestInteraction(films)).resolves.toBe(time(3));
    });

    test('give the most popular first: one new interaction outweighs many old ones', async () => {
      await add(
        ...[1, 2, 3].map((offset) => interaction(offset, 'old favourite', time(0))),
        interaction(4, 'forgotten', time(0)),
        interaction(5, 'new', time(2)),
      );
      await expect(popularItems()).resolves.toEqual(['new', 'old favourite', 'forgotten']);
      expect((await popular(2)).map((each) => each.itemId)).toEqual(['new', 'old favourite']);
      await add(interaction(6, 'forgotten', time(2)), interaction(7, 'forgotten', time(2)));
      await expect(popularItems()).resolves.toEqual(['forgotten', 'new', 'old favourite']);
    });

    test('count a batch once, however often it is given, and of an overlapping one what is new', async () => {
      const batch = [interaction(5, 'a', time(0)), impression(6, 'a'), interaction(6, 'a', time(0))];
      await add(...batch);
      const once = await popular();
      await add(...batch);
      await add(batch[0]!);
      await expect(popular()).resolves.toEqual(once);
      await add(...batch.slice(1), interaction(7, 'a', time(0)));
      await expect(popular()).resolves.toMatchObject([{ interactions: 3, impressions: 1 }]);
    });

    test('count events that were shown with any number of items', async () => {
      const shown = Array.from({ length: 10_000 }, (_, index) => impression(1, `item-${index}`));
      await add(...shown, interaction(1, 'item-0', time(0)), interaction(2, 'item-9999', time(1)));
      await expect(popular()).resolves.toMatchObject([
        { itemId: 'item-9999', interactions: 1, impressions: 1 },
        { itemId: 'item-0', interactions: 1, impressions: 1 },
      ]);
    });

    test('count the offsets of each partition for themselves', async () => {
      await statistics.add(films, 0, [interaction(5, 'a', time(0))]);
      await statistics.add(films, 1, [interaction(2, 'a', time(0))]);
      await expect(popular()).resolves.toMatchObject([{ interactions: 2 }]);
    });

    test('are replaced by what the archive holds, and go on from its positions', async () => {
      await add(interaction(1, 'gone', time(5)));
      const archived = counts('a', 4, { interactions: 4, impressions: 2, lastInteraction: time(1) });
      await statistics.replace(films, new Map([[0, 10]]), [counts('b', 8), archived]);
      await expect(popular()).resolves.toEqual([counts('b', 8), archived]);
      await expect(statistics.latestInteraction(films)).resolves.toBe(time(1));

      await add(interaction(9, 'a', time(3)), interaction(10, 'a', time(3)));
      await statistics.add(films, 1, [interaction(0, 'b', time(0))]);
      await expect(popular()).resolves.toMatchObject([
        { itemId: 'a', interactions: 5, popularity: 12, lastInteraction: time(3) },
        { itemId: 'b', interactions: 2, popularity: 9 },
      ]);
    });

    test('come back from the archive once they are forgotten, and only then', async () => {
      const archive = (itemId: string) => async () => ({ positions: new Map([[0, 10]]), counts: [counts(itemId, 8)] });
      await add(interaction(1, 'counted', time(5)));
      await statistics.restore(films, archive('archived'));
      await expect(popularItems()).resolves.toEqual(['counted']);

      await statistics.forget(films);
      await expect(popular()).resolves.toEqual([]);
      await expect(statistics.holds(films)).resolves.toBe(false);
      await statistics.restore(films, archive('archived'));
      await add(interaction(9, 'below the position', time(5)), interaction(10, 'new', time(1)));
      await expect(popularItems()).resolves.toEqual(['archived', 'new']);
    });

    test('are read from the archive again where they are forgotten while they come back', async () => {
      const readings: string[] = [];
      await statistics.restore(films, async () => {
        readings.push('reading');
        if (readings.length === 1) await statistics.forget(films);
        return { positions: new Map(), counts: [counts(`reading ${readings.length}`, 8)] };
      });
      await expect(popularItems()).resolves.toEqual(['reading 2']);
    });

    test('leave out of the popular what was only seen', async () => {
      await statistics.replace(films, new Map(), [
        {
          itemId: itemId('archived'),
          interactions: 0,
          popularity: 0,
          impressions: 3,
          impressionWeight: 3,
          clickWeight: 0,
        },
      ]);
      await add(impression(1, 'shown'), interaction(2, 'clicked', time(0)));
      await expect(popularItems()).resolves.toEqual(['clicked']);
      await expect(statistics.fresh(films, 0, 10)).resolves.toMatchObject([{ itemId: 'clicked' }]);
    });

    test('tell the fresh items, most popular first, by their first interaction', async () => {
      await add(
        interaction(1, 'old', time(0)),
        interaction(2, 'just in time', time(1)),
        interaction(3, 'new', time(2)),
        interaction(4, 'newest', time(1.5)),
        interaction(5, 'old', time(9)),
        interaction(6, 'just in time', time(3)),
      );
      const fresh = async (since: number, limit = 10) =>
        (await statistics.fresh(films, since, limit)).map((each) => each.itemId);
      await expect(fresh(time(1))).resolves.toEqual(['just in time', 'new', 'newest']);
      await expect(fresh(time(1), 2)).resolves.toEqual(['just in time', 'new']);
      await expect(fresh(time(1) + 1)).resolves.toEqual(['new', 'newest']);
      await expect(fresh(time(9))).resolves.toEqual([]);
    });

    test('keep dataset groups apart', async () => {
      const toys = datasetGroupName('toys');
      await add(interaction(1, 'a', time(0)));
      await statistics.add(toys, 0, [interaction(1, 'b', time(1))]);
      await statistics.replace(films, new Map(), []);
      await expect(popular()).resolves.toEqual([]);
      await expect(statistics.popular(toys, 10)).resolves.toMatchObject([{ itemId: 'b' }]);
      await expect(statistics.latestInteraction(films)).resolves.toBeUndefined();
    });

    test('weigh impressions and clicks by their time, and take back what did not count', async () => {
      const seen = (offset: number, item: string, halfLives: number, more: Partial<ItemObservation> = {}) => ({
        ...impression(offset, item),
        timestamp: time(halfLives),
        ...more,
      });
      await add(seen(1, 'a', 0), seen(1, 'b', 0), seen(2, 'a', 2), seen(2, 'a', 2, { kind: 'click' }));
      await add(seen(3, 'b', 0, { count: -1 }), interaction(3, 'a', time(1)));
      const read = await statistics.counts(films, ['a', 'b', 'never seen'].map(itemId));
      expect([...read.values()]).toEqual([
        counts('a', 2, {
          impressions: 2,
          impressionWeight: 5,
          clickWeight: 4,
          firstInteraction: time(1),
          lastInteraction: time(1),
        }),
        { itemId: 'b', interactions: 0, popularity: 0, impressions: 0, impressionWeight: 0, clickWeight: 0 },
      ]);
      await expect(statistics.totals(films)).resolves.toEqual({
        impressionWeight: 5,
        clickWeight: 4,
        latestInteraction: time(1),
      });
      await statistics.add(films, 'slates:0', [seen(1, 'a', 0), seen(1, 'a', 0, { kind: 'click' })]);
      await statistics.add(films, 'slates:0', [seen(1, 'a', 0)]);
      await expect(statistics.totals(films)).resolves.toMatchObject({ impressionWeight: 6, clickWeight: 5 });
    });

    test('have totals that the archive gives back', async () => {
      const archived = counts('a', 4, { impressions: 3, impressionWeight: 2.5, clickWeight: 0.5 });
      await statistics.replace(films, new Map([['slates:1', 7]]), [archived, { ...archived, itemId: itemId('b') }]);
      await expect(statistics.totals(films)).resolves.toMatchObject({ impressionWeight: 5, clickWeight: 1 });
      await statistics.add(films, 'slates:1', [impression(6, 'a')]);
      await expect(statistics.counts(films, [itemId('a')])).resolves.toEqual(new Map([['a', archived]]));
      await expect(statistics.counts(films, [])).resolves.toEqual(new Map());
      await expect(statistics.totals(datasetGroupName('nobody'))).resolves.toEqual({
        impressionWeight: 0,
        clickWeight: 0,
        latestInteraction: undefined,
      });
    });

    test('that were read do not change any more', async () => {
      await add(interaction(1, 'a', time(0)));
      const before = await popular();
      const copy = structuredClone(before);
      await add(interaction(2, 'a', time(1)));
      expect(before).toEqual(copy);
    });
  });
}
