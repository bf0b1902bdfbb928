import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '@attune/world';
import { quantile } from '../figure';
import { Visits, type VisitsOptions } from './visits';

/** Visits that may be under way at one time: a site that can't keep up is not buried. */
const MOST_UNDER_WAY = 256;

export interface Load {
  /** Sessions that were played to their end. */
  visits: number;
  lists: number;
  seconds: number;
  /** Of GetRecommendations, in milliseconds. */
  p50: number;
  p99: number;
}

/**
 * Visits of the world's users at a steady rate, whatever the answers take, for some seconds. The days of the world pass
 * as fast as the rate makes them.
 * @param rate visits in a second
 * @throws what the first call that failed threw
 */
export async function loadOf(options: VisitsOptions, rate: number, seconds: number): Promise<Load> {
  const visits = new Visits(options);
  const underWay = new Set<Promise<void>>();
  let played = 0;
  let failure: { error: unknown } | undefined;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  try {
    const sessions = endlessSessions(options);
    for (let sent = 0; elapsed() < seconds && !failure; sent++) {
      await pause(Math.max(0, (sent / rate - elapsed()) * 1000));
      while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
      const visit = visits
        .play(sessions.next().value)
        .then(() => {
          played++;
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(visit));
      underWay.add(visit);
    }
    await Promise.all(underWay);
    if (failure) throw failure.error;
    const { latencies } = visits;
    return {
      visits: played,
      lists: latencies.length,
      seconds: elapsed(),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  } finally {
    visits.close();
  }
}

/** The sessions of all served days, over and over. */
function* endlessSessions({ world }: VisitsOptions): Generator<Session, never> {
  for (let day = 0; ; day = (day + 1) % world.settings.days) yield* world.sessionsOf(day);
}
