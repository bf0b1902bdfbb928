import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { writeSimulatedWorld } from './simulatedWorld';

test('a simulated world says so in every title, ends now, and is written once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-world-'));
  try {
    const now = Date.UTC(2026, 5, 1);
    const settings = { users: 50, startingItems: 60, newItemsPerDay: 0, days: 1, historyDays: 60 };
    const files = await writeSimulatedWorld(folder, now, settings);
    const rows = async (file: string): Promise<Record<string, string>[]> =>
      parse(await readFile(file, 'utf8'), { columns: true });
    const items = await rows(files.items);
    expect(items).toHaveLength(60);
    for (const { TITLE } of items) expect(TITLE).toMatch(/^SIMULATED /);
    const clicks = await rows(files.interactions);
    expect(clicks.length).toBeGreaterThan(300);
    const known = new Set(items.map(({ ITEM_ID }) => ITEM_ID));
    for (const { ITEM_ID } of clicks) expect(known).toContain(ITEM_ID);
    const latest = Number(clicks.at(-1)!.TIMESTAMP) * 1000;
    expect(latest).toBeLessThan(now);
    expect(latest).toBeGreaterThan(now - 3 * 86_400_000);

    const before = await readFile(files.interactions, 'utf8');
    await writeSimulatedWorld(folder, now + 86_400_000, settings);
    expect(await readFile(files.interactions, 'utf8')).toBe(before);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
