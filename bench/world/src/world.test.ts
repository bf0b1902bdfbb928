import { interactionsCsv, itemsCsv } from './csv';
import { inventHistory } from './history';
import type { Session } from './sessions';
import { DAY_MS } from './settings';
import { examination, Visitors } from './visitor';
import { timeOf, World } from './world';

const SMALL = { users: 40, startingItems: 60, newItemsPerDay: 3, days: 3, historyDays: 10 };

const visitorsOf = (world: World) =>
  new Visitors(
    world.settings.seed,
    Array.from({ length: world.settings.users }, () => new Set<number>()),
  );

test('the same settings give the same world, history and files; another seed gives another', () => {
  const textOf = (seed: number) => {
    const world = new World({ ...SMALL, seed });
    const sessions = world.sessionsOf(1).map(({ sessionId, startMs, intent }) => [sessionId, startMs, [...intent]]);
    return [interactionsCsv(inventHistory(world), 0), itemsCsv(world, 0, 2), JSON.stringify(sessions)];
  };
  expect(textOf(1)).toEqual(textOf(1));
  textOf(1).forEach((text, index) => {
    expect(text).not.toBe(textOf(2)[index]);
  });
});

test('clicks come as often as the truth says, at every place', () => {
  const world = new World(SMALL);
  const list = world.itemsAt(0).slice(0, 10);
  const clicks = new Float64Array(10);
  const expected = new Float64Array(10);
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++) {
    const visitors = visitorsOf(world);
    const session = { ...world.sessionsOf(0)[0]!, startMs: round };
    visitors.clickProbabilities(session, list).forEach((probability, at) => {
      expected[at]! += probability;
    });
    for (const item of visitors.look(session, 0, list)) clicks[list.indexOf(item)]!++;
  }
  expect(Math.max(...expected)).toBeGreaterThan(500);
  for (const [at, mean] of expected.entries()) {
    // Five standard deviations of a sum of independent draws.
    expect(Math.abs(clicks[at]! - mean)).toBeLessThan(5 * Math.sqrt(mean) + 1);
  }
});

test('a click is decided by the user, the page, the place and the item, not by what else is shown', () => {
  const world = new World(SMALL);
  const [first, ...others] = world.itemsAt(0);
  const alone: string[] = [];
  const beside: string[] = [];
  for (let startMs = 0; startMs < 2_000; startMs++) {
    const session = { ...world.sessionsOf(0)[0]!, startMs };
    if (visitorsOf(world).look(session, 1, [first!]).length > 0) alone.push(String(startMs));
    if (
      visitorsOf(world)
        .look(session, 1, [first!, ...others.slice(0, 9)])
        .includes(first!)
    )
      beside.push(String(startMs));
  }
  expect(alone.length).toBeGreaterThan(0);
  expect(beside).toEqual(alone);
});

test('no list has more expected clicks than the ideal one, and what was clicked attracts no more', () => {
  const world = new World(SMALL);
  const visitors = visitorsOf(world);
  const session = world.sessionsOf(0)[0] as Session;
  const items = world.itemsAt(timeOf(session));
  const worth = (list: typeof items) => visitors.clickProbabilities(session, list).reduce((sum, each) => sum + each, 0);
  const ideal = visitors.idealList(session, items, 10);
  expect(worth(ideal)).toBeLessThanOrEqual(10);
  for (let from = 0; from + 10 <= items.length; from += 5) {
    expect(worth(items.slice(from, from + 10))).toBeLessThanOrEqual(worth(ideal));
  }
  expect(worth(ideal.toReversed())).toBeLessThan(worth(ideal));

  let page = 0;
  let clicked: typeof items = [];
  while (clicked.length === 0) clicked = visitors.look(session, page++, ideal);
  expect(visitors.attraction(session, clicked[0]!)).toBe(0);
  expect(visitors.idealList(session, items, 10)).not.toContain(clicked[0]);
});

test('places are looked at less and less', () => {
  expect(examination(1)).toBe(1);
  expect(examination(3)).toBe(0.5);
});

test('an item is there from the moment it came, and its merit is the mean of its attraction', () => {
  const world = new World(SMALL);
  const newcomers = [0, 1, 2].flatMap((day) => world.newItemsOf(day));
  expect(newcomers).toHaveLength(9);
  expect(world.itemsAt(0)).toHaveLength(61);
  const item = newcomers[4]!;
  expect(world.itemsAt(item.createdDay)).toContain(item);
  expect(world.itemsAt(item.createdDay - 1 / DAY_MS)).not.toContain(item);
  expect(() => world.item('item-10000')).toThrow('The simulated world has no item "item-10000".');

  const visitors = visitorsOf(world);
  const attractions = Array.from({ length: SMALL.users }, (_, user) =>
    visitors.attraction({ user, intent: world.tastes.on(user, 2) }, item),
  );
  const mean = attractions.reduce((sum, each) => sum + each, 0) / SMALL.users;
  expect(world.merit(item, 2)).toBeCloseTo(mean, 12);
});

test('tastes drift, slowly', () => {
  const { tastes } = new World({ ...SMALL, days: 30 });
  const cosine = (from: number, to: number) =>
    tastes.on(0, from).reduce((sum, value, index) => sum + value * tastes.on(0, to)[index]!, 0);
  expect(cosine(0, 0)).toBeCloseTo(1, 12);
  expect(cosine(0, 1)).toBeGreaterThan(0.98);
  expect(cosine(0, 29)).toBeLessThan(cosine(0, 1));
});
