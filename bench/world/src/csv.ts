import type { WorldHistory } from './history';
import { DAY_MS } from './settings';
import { userIdOf, type World } from './world';

/** When the first served day began, in milliseconds since the epoch, for a world whose last day ends at a time. */
export function firstDayMs({ settings }: Pick<World, 'settings'>, endsAt: number): number {
  return endsAt - settings.days * DAY_MS;
}

/** The history as a CSV in the API's columns. No field of a simulated world needs quotes. */
export function interactionsCsv({ clicks }: WorldHistory, firstDay: number): string {
  const rows = clicks.map(({ user, item, time }) => [userIdOf(user), item.itemId, secondsOf(time, firstDay), 'click']);
  return csv(['USER_ID', 'ITEM_ID', 'TIMESTAMP', 'EVENT_TYPE'], rows);
}

/** The items that are there at a time as a CSV in the API's columns. @param time in days from the first served day */
export function itemsCsv(world: World, firstDay: number, time: number): string {
  const rows = world
    .itemsAt(time)
    .map(({ itemId, title, category, style, createdDay }) => [
      itemId,
      title,
      category,
      style,
      secondsOf(createdDay, firstDay),
    ]);
  return csv(['ITEM_ID', 'TITLE', 'CATEGORY', 'STYLE', 'CREATION_TIMESTAMP'], rows);
}

/** @param time in days from the first served day */
export function secondsOf(time: number, firstDay: number): number {
  return Math.floor((firstDay + time * DAY_MS) / 1000);
}

function csv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}
