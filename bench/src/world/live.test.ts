import { firstDayMs, interactionsCsv, inventHistory, itemsCsv, World } from '@attune/world';
import { live } from './live';
import { attune } from './policies';
import { createResources } from './resources';
import { startSite } from './site';

test('a world lives on a real server: new items are explored on their first day, and reports and updates get through', async () => {
  const world = new World({ users: 80, startingItems: 40, newItemsPerDay: 4, days: 2, historyDays: 160 });
  const history = inventHistory(world);
  const firstDay = firstDayMs(world, Date.now());
  const files = { interactions: interactionsCsv(history, firstDay), items: itemsCsv(world, firstDay, 0) };
  const policy = attune(1, world.settings.listLength);
  const site = await startSite(false, { ATTUNE_UPDATE_INTERVAL: '0' });
  try {
    const resources = await createResources(site, 'world', files, policy.exploration);
    const days: number[] = [];
    const onDay = (day: number) => days.push(day);
    const measures = await live({ world, history, firstDay, site, resources, policy, updateEveryDays: 1, onDay });
    resources.close();
    expect(days).toEqual([0, 1]);
    const lists = [0, 1].map((day) => world.sessionsOf(day).reduce((sum, { pages }) => sum + pages, 0));
    expect(measures.days.map((day) => day.lists)).toEqual(lists);
    expect(measures.total('slots')).toBe(10 * measures.total('lists'));
    for (const day of measures.days) expect(day.newItemSlots).toBeGreaterThan(0);
    expect(measures.total('explored')).toBeGreaterThan(0);
    // Five standard deviations of a sum of independent draws.
    const expected = measures.total('expectedClicks');
    expect(Math.abs(measures.total('clicks') - expected)).toBeLessThan(5 * Math.sqrt(expected) + 1);
    expect(measures.regret).toBeGreaterThan(0);
  } finally {
    await site.stop();
  }
}, 240_000);
