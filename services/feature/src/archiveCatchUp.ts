import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type Positions, topics } from '@attune/bus';
import { type Queryable, readArchivePositions } from '@attune/database';
import { UnavailableError } from '@attune/domain';

const POLL_MS = 20;

/** A batch that waits for longer is given up and comes again, so that a stop never waits for a dead archive. */
const GIVE_UP_MS = 5_000;

/**
 * Resolves when the archive holds every interaction that was on the bus at the time of the call. State that was lost may
 * be taken from the archive only then: it runs some milliseconds behind the state.
 * @throws UnavailableError where that takes longer than 5 s
 */
export async function archiveCatchUp(bus: Pick<Bus, 'ends'>, database: Queryable): Promise<void> {
  const ends = await bus.ends(topics.interactions);
  for (const deadline = performance.now() + GIVE_UP_MS; performance.now() < deadline; await pause(POLL_MS)) {
    if (hasReached(await readArchivePositions(database, topics.interactions.name), ends)) return;
  }
  throw new UnavailableError('User state was lost, and the archive, from which it comes back, lies behind the bus.');
}

function hasReached(positions: Positions, ends: Positions): boolean {
  return [...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end);
}
