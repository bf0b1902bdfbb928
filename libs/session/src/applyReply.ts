import type { HistoryEvent } from './userHistory';

/**
 * What applyEvents.lua answers for one user: null where there is no state; else the bytes of the log, and the places, from 1,
 * of the events that do not count.
 */
export type ApplyReply = null | number | [logBytes: number, ...uncounted: number[]];

/** @returns zero where there is no state */
export function logBytes(reply: ApplyReply): number {
  return (Array.isArray(reply) ? reply[0] : reply) ?? 0;
}

/** @returns those of the events that count */
export function countedBy(reply: ApplyReply, events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  if (reply === null) return [];
  if (typeof reply === 'number') return events;
  const uncounted = new Set(reply.slice(1));
  return events.filter((_, index) => !uncounted.has(index + 1));
}
