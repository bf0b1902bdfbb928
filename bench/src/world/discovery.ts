import type { World, WorldItem } from '@attune/world';
import type { Measures } from './measures';

/** A good new item is as good as the best quarter of those that were there before. */
const GOOD_SHARE = 0.25;

/** A new item that deserves to be found, and what finding it means. */
export interface GoodItem {
  item: WorldItem;
  /** Impressions in a day that are its fair share: in proportion to its merit (Singh and Joachims, KDD 2018). */
  fairPerDay: number;
}

/**
 * TRUTH: the new items that are worth as much to all users as the best quarter of the starting items.
 * @param slotsPerDay impressions of all items in a day
 */
export function goodNewItems(world: World, slotsPerDay: number): GoodItem[] {
  const { days, startingItems } = world.settings;
  const starting = world.catalogue.items.slice(0, startingItems).map((item) => world.merit(item, 0));
  const good = starting.toSorted((a, b) => b - a)[Math.floor(GOOD_SHARE * startingItems)]!;
  const found: GoodItem[] = [];
  for (let day = 0; day < days; day++) {
    const merits = new Map(world.catalogue.items.map((item) => [item, world.merit(item, day)]));
    for (const item of world.newItemsOf(day)) {
      const merit = merits.get(item)!;
      if (merit < good) continue;
      const there = world.itemsAt(item.createdDay).reduce((sum, each) => sum + merits.get(each)!, 0);
      found.push({ item, fairPerDay: (slotsPerDay * merit) / there });
    }
  }
  return found;
}

/** How long something took, or, where it had not happened by then, how long it was waited for. */
export interface Wait {
  days: number;
  happened: boolean;
}

/** The age at which each good new item's impressions over the last 24 hours first reach a fair day's. */
export function daysToFairShare(world: World, measures: Pick<Measures, 'shownAt'>, good: readonly GoodItem[]): Wait[] {
  return good.map(({ item, fairPerDay }) => {
    const times = (measures.shownAt.get(item) ?? []).toSorted((a, b) => a - b);
    const needed = Math.max(1, Math.ceil(fairPerDay));
    const last = times.findIndex((time, index) => index + 1 >= needed && time - times[index + 1 - needed]! < 1);
    return last === -1
      ? { days: world.settings.days - item.createdDay, happened: false }
      : { days: times[last]! - item.createdDay, happened: true };
  });
}

/** A step of a survival curve: the share that still waits from this day on. */
export interface SurvivalStep {
  days: number;
  waiting: number;
}

/** Which share still waits after how many days (Kaplan and Meier, 1958): waits cut short count as long as they lasted. */
export function survival(waits: readonly Wait[]): SurvivalStep[] {
  const steps: SurvivalStep[] = [{ days: 0, waiting: 1 }];
  let waiting = 1;
  for (const days of [...new Set(waits.map((wait) => wait.days))].sort((a, b) => a - b)) {
    const atRisk = waits.filter((wait) => wait.days >= days).length;
    const ended = waits.filter((wait) => wait.days === days && wait.happened).length;
    if (ended === 0) continue;
    waiting *= 1 - ended / atRisk;
    steps.push({ days, waiting });
  }
  return steps;
}

/** The days after which half has happened; undefined where it never did. */
export function medianWait(waits: readonly Wait[]): number | undefined {
  return survival(waits).find(({ waiting }) => waiting <= 0.5)?.days;
}

/** The share of new items that were shown so often within their first hours, of those with as many hours to go. */
export function shareWithPromise(
  world: World,
  { shownAt }: Pick<Measures, 'shownAt'>,
  impressions: number,
  hours: number,
): number {
  const { items } = world.catalogue;
  const due = items.filter(({ createdDay }) => createdDay >= 0 && createdDay + hours / 24 <= world.settings.days);
  const kept = due.filter((item) => {
    const inTime = (shownAt.get(item) ?? []).filter((time) => time - item.createdDay <= hours / 24);
    return inTime.length >= impressions;
  });
  return kept.length / due.length;
}
