import { type PutEventsRequest, ShapeError } from '@attune/aws';

/** How far ahead of the server's clock an event may lie: a client may have its time zone wrong, but not its day. */
export const MAX_AHEAD_MS = 24 * 3600 * 1000;

/**
 * Refuses times that can't be: an event in the far future would count as the user's latest for ever.
 * @param now milliseconds since the epoch
 * @throws ShapeError that names every event whose time is wrong
 */
export function checkSentAt({ eventList }: PutEventsRequest, now: number): void {
  const violations = eventList.flatMap(({ sentAt }, index) => {
    const constraint = broken(sentAt, now);
    return constraint ? [{ path: ['eventList', index, 'sentAt'], given: sentAt / 1000, constraint }] : [];
  });
  if (violations.length > 0) throw new ShapeError(violations);
}

function broken(sentAt: number, now: number): string | undefined {
  if (sentAt < 0) return 'Member must not lie before 1970-01-01T00:00:00Z';
  if (sentAt <= now + MAX_AHEAD_MS) return undefined;
  const server = `the server's clock, which says ${new Date(now).toISOString()}`;
  return `Member must be in seconds since 1970 and not lie more than 24 hours ahead of ${server}`;
}
