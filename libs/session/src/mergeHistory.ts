import type { ItemId } from '@attune/domain';
import type { HistoryEvent, HistoryLimits, UserHistory } from './userHistory';

/** A user's state as the pure functions below keep it. */
export interface HistoryState {
  /** Oldest first, at most `limits.events`. */
  events: readonly HistoryEvent[];
  /** When each item was last interacted with, latest first, at most `limits.items`. */
  items: readonly ItemMoment[];
}

interface ItemMoment {
  itemId: ItemId;
  timestamp: number;
}

/** The state of a user with this archived history, oldest first. */
export function historyFromArchive(archived: readonly HistoryEvent[], limits: HistoryLimits): HistoryState {
  const items = new Map<ItemId, ItemMoment>();
  for (const { itemId, timestamp } of archived.toReversed()) {
    if (itemId !== undefined && !items.has(itemId)) items.set(itemId, { itemId, timestamp });
  }
  return { events: archived.slice(-limits.events), items: [...items.values()].slice(0, limits.items) };
}

/**
 * Puts an event where it belongs in time: after all those that are not later than it. An event older than all of a full
 * history leaves `events` as they are, and may still be among `items`.
 */
export function insertEvent(state: HistoryState, event: HistoryEvent, limits: HistoryLimits): HistoryState {
  const after = state.events.findLastIndex(({ timestamp }) => timestamp <= event.timestamp) + 1;
  const events = state.events.toSpliced(after, 0, event).slice(-limits.events);
  if (event.itemId === undefined) return { events, items: state.items };
  return { events, items: insertItem(state.items, { itemId: event.itemId, timestamp: event.timestamp }, limits.items) };
}

function insertItem(items: readonly ItemMoment[], moment: ItemMoment, limit: number): readonly ItemMoment[] {
  const known = items.findIndex(({ itemId }) => itemId === moment.itemId);
  if (known !== -1 && items[known]!.timestamp > moment.timestamp) return items;
  const others = known === -1 ? items : items.toSpliced(known, 1);
  const place = others.findIndex(({ timestamp }) => timestamp <= moment.timestamp);
  return others.toSpliced(place === -1 ? others.length : place, 0, moment).slice(0, limit);
}

export function toUserHistory({ events, items }: HistoryState, revision: string): UserHistory {
  return { events, items: items.map(({ itemId }) => itemId), revision };
}
