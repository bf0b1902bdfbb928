import type { EventId, ItemId, PropertyValue, RecommendationId } from '@attune/domain';

/** One event as a user's state keeps it. */
export interface HistoryEvent {
  /** Absent for imported interactions. */
  eventId?: EventId;
  eventType: string;
  eventValue?: number;
  itemId?: ItemId;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** Where the event lies on the bus. Absent for imported interactions. */
  offset?: number;
  recommendationId?: RecommendationId;
  properties?: Readonly<Record<string, PropertyValue>>;
}

/** What the next request knows of a user. */
export interface UserHistory {
  /** The latest events, oldest first; ties in time keep the order of arrival. At most `limits.events`. */
  events: readonly HistoryEvent[];
  /** Distinct items of the history, latest first, reaching further back than `events`. At most `limits.items`. */
  items: readonly ItemId[];
  /** Changes with every event that is applied: equal revisions mean equal histories. */
  revision: string;
}

/** Bounds on the memory of one user's state. */
export interface HistoryLimits {
  /** @default 200 */
  events: number;
  /** @default 2000 */
  items: number;
}

export const DEFAULT_HISTORY_LIMITS: HistoryLimits = { events: 200, items: 2000 };
