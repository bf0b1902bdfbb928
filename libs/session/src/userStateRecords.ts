import type { EventId, ItemId, PropertyValue, RecommendationId } from '@attune/domain';
import type { HistoryEvent } from './userHistory';
import type { ItemPlace } from './userState';

/** An event as Redis keeps it. Absent members are null, and left out at the end. */
type EventRecord = [
  eventId: EventId | null,
  offset: number | null,
  timestamp: number,
  eventType: string,
  itemId?: ItemId | null,
  eventValue?: number | null,
  recommendationId?: RecommendationId | null,
  properties?: Readonly<Record<string, PropertyValue>> | null,
];

/**
 * Events as text: JSON arrays, each after a comma and a line break. So texts can be joined, and applyEvents.lua can find
 * an event by its id.
 */
export function encodeEvents(events: readonly HistoryEvent[]): string {
  let text = '';
  for (const event of events) text += `,\n${encodeEvent(event)}`;
  return text;
}

/** A quote within the id is escaped as a number: so the next quote is the one after the id. */
function encodeEvent(event: HistoryEvent): string {
  const text = JSON.stringify(toRecord(event));
  if (!event.eventId?.includes('"')) return text;
  const id = JSON.stringify(event.eventId);
  return `["${id.slice(1, -1).replaceAll('\\"', '\\u0022')}"${text.slice(1 + id.length)}`;
}

export function decodeEvents(text: string): HistoryEvent[] {
  return (JSON.parse(`[${text.slice(1)}]`) as EventRecord[]).map(fromRecord);
}

/** JSON writes what is undefined in between as null. */
function toRecord(event: HistoryEvent): unknown[] {
  const { eventId, offset, timestamp, eventType, itemId, eventValue, recommendationId, properties } = event;
  const record = [eventId, offset, timestamp, eventType, itemId, eventValue, recommendationId, properties];
  while (record.at(-1) === undefined) record.pop();
  return record;
}

function fromRecord(record: EventRecord): HistoryEvent {
  const [eventId, offset, timestamp, eventType, itemId, eventValue, recommendationId, properties] = record;
  const event: HistoryEvent = { eventType, timestamp };
  if (eventId !== null) event.eventId = eventId;
  if (offset !== null) event.offset = offset;
  if (itemId != null) event.itemId = itemId;
  if (eventValue != null) event.eventValue = eventValue;
  if (recommendationId != null) event.recommendationId = recommendationId;
  if (properties != null) event.properties = properties;
  return event;
}

/** Items as a flat JSON array: id, timestamp and offset of each. */
export function encodeItems(items: readonly ItemPlace[]): string {
  return JSON.stringify(items.flatMap(({ itemId, timestamp, offset }) => [itemId, timestamp, offset ?? null]));
}

export function decodeItems(text: string): ItemPlace[] {
  const members = JSON.parse(text) as (string | number | null)[];
  return Array.from({ length: members.length / 3 }, (_, index) => {
    const [itemId, timestamp, offset] = members.slice(3 * index, 3 * index + 3) as [ItemId, number, number | null];
    return offset === null ? { itemId, timestamp } : { itemId, timestamp, offset };
  });
}
