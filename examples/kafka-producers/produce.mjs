/**
 * Writes one user's clicks to Attune's clickstream topic.
 *
 *     npm install kafkajs
 *     KAFKA_BROKERS=localhost:9092 TRACKING_ID=... node produce.mjs
 */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const { KAFKA_BROKERS = 'localhost:9092', CLICKSTREAM_TOPIC = 'clickstream', TRACKING_ID } = process.env;
if (!TRACKING_ID) throw new Error('TRACKING_ID is not set: it is the id of an event tracker.');

const kafka = new Kafka({ clientId: 'shop', brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });

const click = (itemId) => ({
  trackingId: TRACKING_ID,
  userId: 'ada',
  sessionId: 'visit-1',
  // With an id of its own, an event that is sent twice counts once.
  eventList: [{ eventId: randomUUID(), eventType: 'click', itemId, sentAt: Date.now() / 1000 }],
});

await producer.connect();
await producer.send({
  topic: CLICKSTREAM_TOPIC,
  acks: -1,
  // Keyed by user, one user's events keep their order.
  messages: ['film-1', 'film-2', 'film-3'].map((itemId) => ({ key: 'ada', value: JSON.stringify(click(itemId)) })),
});
await producer.disconnect();
console.log('3 events were taken');
