import { datasetGroupName, itemId } from '@attune/domain';
import fc from 'fast-check';
import { inMemoryItemStatistics } from './inMemoryItemStatistics';
import { nothingCounted } from './itemStatistics';
import { itemStatisticsContract } from './itemStatistics.contract';
import { PopularityRanking } from './popularityRanking';

itemStatisticsContract('Memory', async () => inMemoryItemStatistics());

test('Statistics in memory of 100,000 items are read and changed in turns at little cost', async () => {
  const statistics = inMemoryItemStatistics();
  const films = datasetGroupName('films');
  const start = 1_700_000_000_000;
  const counts = Array.from({ length: 100_000 }, (_, index) => ({
    itemId: itemId(`film-${index}`),
    interactions: 1,
    popularity: index + 1,
    impressions: 0,
    impressionWeight: 0,
    clickWeight: 0,
    firstInteraction: start + index,
    lastInteraction: start + index,
  }));
  await statistics.replace(films, new Map(), counts);
  const started = performance.now();
  for (let offset = 0; offset < 500; offset++) {
    const item = itemId(`film-${(offset * 7919) % 100_000}`);
    await statistics.add(films, 0, [{ kind: 'interaction', itemId: item, timestamp: start, offset }]);
    await statistics.popular(films, 100);
    await statistics.fresh(films, start + 90_000, 100);
  }
  // Sorting all the items in every turn would take half a minute.
  expect(performance.now() - started).toBeLessThan(5000);
});

test('The popularity ranking is in order after any updates', () => {
  const update = fc.record({ item: fc.constantFrom('a', 'b', 'c', 'd', 'e'), gain: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 3 }), fc.array(update), (initial, updates) => {
      const popularity = new Map(initial.map((value, index) => [itemId('abc'[index]!), value]));
      const ranking = new PopularityRanking(
        [...popularity].map(([id, value]) => ({ ...nothingCounted(id), popularity: value })),
      );
      for (const { item, gain } of updates) {
        ranking.update(itemId(item), (counts) => {
          counts.popularity += gain;
        });
        popularity.set(itemId(item), (popularity.get(itemId(item)) ?? 0) + gain);
      }
      const ranked = ranking.top(10, () => true);
      expect(new Map(ranked.map((each) => [each.itemId, each.popularity]))).toEqual(popularity);
      expect(ranked.map((each) => each.popularity)).toEqual([...popularity.values()].toSorted((a, b) => b - a));
    }),
  );
});
