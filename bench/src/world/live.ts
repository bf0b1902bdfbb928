import { setTimeout as pause } from 'node:timers/promises';
import { type Session, secondsOf, timeOf, type WorldItem } from '@attune/world';
import { PersonalizeEvents } from '@aws-sdk/client-personalize-events';
import type { Measures } from './measures';
import { CLIENT_SETTINGS } from './resources';
import { Visits, type VisitsOptions } from './visits';

export interface LifeOptions extends VisitsOptions {
  /** The model learns what is new after each such number of days. */
  updateEveryDays: number;
  /** Hears after each day, counted from 0. */
  onDay(day: number): void;
}

/** Sessions that are under way at one time. */
const CONCURRENCY = 32;

/** Lets the served days of a world pass on a site, under one policy. */
export async function live(options: LifeOptions): Promise<Measures> {
  const { world, site, updateEveryDays, onDay } = options;
  const visits = new Visits(options);
  const feed = new PersonalizeEvents({ ...CLIENT_SETTINGS, endpoint: site.itemsUrl });
  try {
    for (let day = 0; day < world.settings.days; day++) {
      if (day > 0 && day % updateEveryDays === 0) await update(options, visits);
      const sessions = world.sessionsOf(day);
      for (const item of world.newItemsOf(day)) {
        await playUntil(item.createdDay, sessions, visits);
        await putItem(feed, options, item);
      }
      await playUntil(day + 1, sessions, visits);
      onDay(day);
    }
    return visits.measures;
  } finally {
    visits.close();
    feed.destroy();
  }
}

/** Plays the sessions that begin before a time, in the order of their times, and takes them from the list. */
async function playUntil(time: number, sessions: Session[], visits: Visits): Promise<void> {
  const next = async () => {
    while (sessions[0] && timeOf(sessions[0]) < time) await visits.play(sessions.shift()!);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
}

async function putItem(
  feed: PersonalizeEvents,
  { resources, firstDay }: LifeOptions,
  { itemId, title, category, style, createdDay }: WorldItem,
): Promise<void> {
  const creationTimestamp = secondsOf(createdDay, firstDay);
  const properties = JSON.stringify({ title, category, style, creationTimestamp });
  await feed.putItems({ datasetArn: resources.itemsArn, items: [{ itemId, properties }] });
}

const LOOK_EVERY_MS = 100;

/** Updates the model, and waits until it is the one that serves. */
async function update({ resources }: LifeOptions, visits: Visits): Promise<void> {
  const version = await resources.update();
  while ((await visits.ask(0)).solutionVersionArn !== version) await pause(LOOK_EVERY_MS);
}
