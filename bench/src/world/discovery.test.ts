import { World } from '@attune/world';
import { daysToFairShare, goodNewItems, medianWait, shareWithPromise, survival } from './discovery';

const world = new World({ users: 30, startingItems: 80, newItemsPerDay: 10, days: 4, historyDays: 1 });

test('good new items are worth as much as the best quarter of the old ones, and their fair share follows their merit', () => {
  const good = goodNewItems(world, 1_000);
  expect(good.length).toBeGreaterThan(3);
  expect(good.length).toBeLessThan(25);
  const worst = Math.min(...good.map(({ item }) => world.merit(item, Math.floor(item.createdDay))));
  const old = world.catalogue.items.slice(0, 80).filter((item) => world.merit(item, 0) > worst);
  expect(old.length).toBeLessThanOrEqual(20);
  // More than an equal share: 1,000 impressions of at most 120 items.
  for (const { fairPerDay } of good) expect(fairPerDay).toBeGreaterThan(1_000 / 120);
});

test('an item has its fair share when the impressions of 24 hours are enough; one that never has them waits to the end', () => {
  const [quick, slow, never] = world.newItemsOf(1);
  const from = (item: typeof quick, ages: readonly number[]) => ages.map((age) => item!.createdDay + age);
  const shownAt = new Map([
    [quick!, from(quick, [0.1, 0.2, 0.3])],
    [slow!, from(slow, [0.1, 1.2, 1.9, 2.15])],
    [never!, from(never, [0.1, 0.2, 1.5])],
  ]);
  const good = [quick!, slow!, never!].map((item) => ({ item, fairPerDay: 2.4 }));
  const waits = daysToFairShare(world, { shownAt }, good);
  expect(waits.map(({ happened }) => happened)).toEqual([true, true, false]);
  expect(waits[0]!.days).toBeCloseTo(0.3, 9);
  expect(waits[1]!.days).toBeCloseTo(2.15, 9);
  expect(waits[2]!.days).toBeCloseTo(4 - never!.createdDay, 9);
});

test('the survival curve of the textbook: who is lost sight of counts for as long as they were seen', () => {
  // Remission of leukaemia patients without treatment begins so in Freireich et al. (1963), with two of them lost here.
  const waits = [1, 1, 2, 2, 3, 4, 4, 5].map((days, index) => ({ days, happened: index !== 3 && index !== 6 }));
  expect(survival(waits).map(({ days, waiting }) => [days, Number(waiting.toFixed(4))])).toEqual([
    [0, 1],
    [1, 0.75],
    [2, 0.625],
    [3, 0.4688],
    [4, 0.3125],
    [5, 0],
  ]);
  expect(medianWait(waits)).toBe(3);
  expect(medianWait([{ days: 2, happened: false }])).toBeUndefined();
});

test('a promise is kept by impressions in time; items whose hours are not over do not count', () => {
  const items = world.catalogue.items.filter(({ createdDay }) => createdDay >= 0 && createdDay <= 3);
  const shownAt = new Map(
    items.map((item, index) => [item, index === 0 ? [] : [item.createdDay, item.createdDay + 0.9]]),
  );
  expect(shareWithPromise(world, { shownAt }, 2, 24)).toBeCloseTo(1 - 1 / items.length, 12);
  expect(shareWithPromise(world, { shownAt }, 2, 12)).toBe(0);
});
