import { drawIndex, streamOf } from './draws';
import type { Catalogue } from './items';
import { DAY_MS, type WorldSettings } from './settings';
import { affinity, type Tastes } from './tastes';
import { blend } from './vectors';

/** One visit of a user. Which there are does not depend on what they are shown. */
export interface Session {
  /** Unique in the world. */
  sessionId: string;
  user: number;
  day: number;
  /** Milliseconds since the beginning of the day. */
  startMs: number;
  /** How many lists the user looks at. */
  pages: number;
  /** What the user is after: the day's taste, leaning towards the category of the mood. */
  intent: Float64Array;
  /** Whether the user also finds an item without a list. */
  organic: boolean;
}

/** How far an intent leans from the taste towards the mood. */
const MOOD = 0.5;

/** A page takes this long; the last begins before midnight. */
export const PAGE_MS = 60_000;

/** The sessions of a day, in the order of their times. */
export function sessionsOf(
  day: number,
  settings: WorldSettings,
  { categories }: Pick<Catalogue, 'categories'>,
  tastes: Tastes,
): Session[] {
  const { seed, users, sessionsPerUserDay, mostPages, organicShare } = settings;
  const sessions: Session[] = [];
  for (let user = 0; user < users; user++) {
    const random = streamOf(seed, 'sessions', user, day + 10_000);
    const whole = Math.floor(sessionsPerUserDay);
    const count = whole + (random.uniform() < sessionsPerUserDay - whole ? 1 : 0);
    for (let visit = 0; visit < count; visit++) {
      const taste = tastes.on(user, day);
      const liking = categories.map(({ vector }) => affinity(taste, vector) ** 2);
      const mood = categories[drawIndex(random, liking)]!.vector;
      sessions.push({
        sessionId: `session-${user + 1}-${day}-${visit}`,
        user,
        day,
        startMs: Math.floor(random.uniform() * (DAY_MS - mostPages * PAGE_MS)),
        pages: 1 + Math.floor(random.uniform() * mostPages),
        intent: blend([
          { vector: taste, weight: 1 },
          { vector: mood, weight: MOOD },
        ]),
        organic: random.uniform() < organicShare,
      });
    }
  }
  return sessions.sort((a, b) => a.startMs - b.startMs || a.user - b.user);
}
