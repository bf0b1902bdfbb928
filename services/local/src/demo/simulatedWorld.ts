import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { firstDayMs, interactionsCsv, inventHistory, itemsCsv, World, type WorldSettings } from '@attune/world';
import { writeWhole } from '../writeWhole';

/** Of the size of MovieLens latest small or less, so that the demo keeps to its minutes: about 31,000 clicks. */
const SETTINGS: Partial<WorldSettings> = {
  seed: 2024,
  users: 500,
  startingItems: 400,
  newItemsPerDay: 0,
  days: 1,
  historyDays: 300,
};

/**
 * Writes what happened in a simulated world, unless the folder holds it already. The same every time, but that it ends
 * now, so that what is new in it is new.
 * @param now milliseconds since the epoch
 */
export async function writeSimulatedWorld(
  folder: string,
  now: number,
  settings = SETTINGS,
): Promise<{ interactions: string; items: string }> {
  const files = { interactions: join(folder, 'interactions.csv'), items: join(folder, 'items.csv') };
  if (existsSync(files.interactions) && existsSync(files.items)) return files;
  const world = new World(settings);
  const firstDay = firstDayMs(world, now);
  await mkdir(folder, { recursive: true });
  await writeWhole(files.items, itemsCsv(world, firstDay, 0));
  await writeWhole(files.interactions, interactionsCsv(inventHistory(world), firstDay));
  return files;
}
