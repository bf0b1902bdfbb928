import type { DatasetGroupName, EventId, ItemId, RecommendationId, SessionId, UserId } from './ids';

/** A value of contextual metadata: what the API's `properties` may hold. */
export type PropertyValue = string | number | boolean;

/** One thing a user did, as ingest accepted it. */
export interface Interaction {
  datasetGroup: DatasetGroupName;
  /** Unique within the dataset group: the same id twice is the same event. */
  eventId: EventId;
  /** Absent for an anonymous visitor, whose history hangs on the session. */
  userId?: UserId;
  sessionId: SessionId;
  eventType: string;
  eventValue?: number;
  /** Absent where the event is about no item. */
  itemId?: ItemId;
  /** When it happened, in milliseconds since the epoch, as the user's side reported it. */
  timestamp: number;
  /** When ingest accepted it, in milliseconds since the epoch. */
  receivedAt: number;
  /** The list this event answers: an implicit impression. */
  recommendationId?: RecommendationId;
  /** The items that were shown, in any order: an explicit impression. */
  impression?: readonly ItemId[];
  /** Contextual metadata: the schema's further columns, in camelCase. */
  properties?: Readonly<Record<string, PropertyValue>>;
}

/** Who a history belongs to: the user where there is one, else the session. */
export function historyKey(interaction: Pick<Interaction, 'userId' | 'sessionId'>): UserId {
  return interaction.userId ?? (interaction.sessionId as string as UserId);
}
