import { randomUUID } from 'node:crypto';
import { topics } from '@attune/bus';
import { datasetGroupName, eventId, historyKey, itemId, recommendationId, sessionId, userId } from '@attune/domain';
import { StreamEventsRequest } from '@attune/proto';
import { Random } from '@attune/recommender';

export const DATASET_GROUP = datasetGroupName('bench');
export const EVENTS_PER_CALL = 10;

/** As many as keep every partition busy. They are made before the measurement and sent in turns. */
const CALLS = 1000;
const ITEMS = 1700;

/** One call's ten events in the forms in which they are sent. */
export interface IngestCall {
  /** The body of PutEvents. */
  json: Buffer;
  /** A message of StreamEvents. */
  proto: Buffer;
  /** What ingest writes to Kafka, byte for byte but for the time of reception. */
  messages: { key: Buffer; value: Buffer }[];
}

/** Clicks of a thousand users, each event with an id of its own. */
export function generateCalls(trackingId: string): IngestCall[] {
  const random = new Random(1);
  const now = Date.now();
  return Array.from({ length: CALLS }, (_, index) => {
    const caller = { trackingId, userId: `user-${index}`, sessionId: randomUUID() };
    const events = Array.from({ length: EVENTS_PER_CALL }, (_, event) => ({
      eventId: randomUUID(),
      eventType: 'click',
      itemId: `item-${Math.floor(random.uniform() ** 2 * ITEMS)}`,
      recommendationId: `RID-${randomUUID()}`,
      sentAt: now - 60_000 + event,
    }));
    const json = { ...caller, eventList: events.map((event) => ({ ...event, sentAt: event.sentAt / 1000 })) };
    const proto = {
      ...caller,
      events: events.map((event) => ({ ...event, sentAt: new Date(event.sentAt), impression: [] })),
    };
    return {
      json: Buffer.from(JSON.stringify(json)),
      proto: Buffer.from(StreamEventsRequest.encode(StreamEventsRequest.fromPartial(proto)).finish()),
      messages: events.map((event) => {
        const interaction = {
          datasetGroup: DATASET_GROUP,
          eventId: eventId(event.eventId),
          userId: userId(caller.userId),
          sessionId: sessionId(caller.sessionId),
          eventType: event.eventType,
          itemId: itemId(event.itemId),
          recommendationId: recommendationId(event.recommendationId),
          timestamp: event.sentAt,
          receivedAt: now,
        };
        return {
          key: Buffer.from(historyKey(interaction)),
          value: Buffer.from(topics.interactions.encode(interaction)),
        };
      }),
    };
  });
}
