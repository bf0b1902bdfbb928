import { openKafkaBus, topics } from '@attune/bus';
import { eventId, historyKey, itemId, recommendationId, sessionId, userId } from '@attune/domain';
import { createLogger, createMetrics, startHttpServer } from '@attune/service';
import { DATASET_GROUP } from './ingestCalls';

/** PutEvents as the load of the benchmark sends it. */
interface Body {
  userId: string;
  sessionId: string;
  eventList: { eventId: string; eventType: string; itemId: string; recommendationId: string; sentAt: number }[];
}

/**
 * PutEvents without signatures and without a check of what comes: the same HTTP server and the same Kafka producer. Run as
 * a process of its own; its argument is how to reach Kafka, and its port goes to the parent.
 */
async function main(): Promise<void> {
  const logger = createLogger({ service: 'bare-ingest', level: 'error' });
  const metrics = createMetrics();
  const bus = await openKafkaBus({ ...JSON.parse(process.argv[2]!), clientId: 'bare-ingest', logger, metrics });
  const { port } = await startHttpServer({
    port: 0,
    logger,
    metrics,
    health: async () => ({ missing: [] }),
    routes: [
      async (app) => {
        app.post('/events', async ({ body }, reply) => {
          await bus.publish(topics.interactions, messagesOf(body as Body));
          return reply.code(200).send();
        });
      },
    ],
  });
  process.send!({ port });
}

function messagesOf(body: Body) {
  const receivedAt = Date.now();
  return body.eventList.map((event) => {
    const interaction = {
      datasetGroup: DATASET_GROUP,
      eventId: eventId(event.eventId),
      userId: userId(body.userId),
      sessionId: sessionId(body.sessionId),
      eventType: event.eventType,
      itemId: itemId(event.itemId),
      recommendationId: recommendationId(event.recommendationId),
      timestamp: event.sentAt * 1000,
      receivedAt,
    };
    return { key: historyKey(interaction), value: interaction };
  });
}

void main();
