import { parseArgs } from 'node:util';
import type { GetRecommendationsResponse } from '@attune/proto';
import { printFigure, quantile } from '../figure';
import { connect, listRequest } from '../grpcClients';
import { SERVERS_OPTION, startTrainedServer } from '../startTrainedServer';

export const description =
  "from PutEvents' answer to a changed recommendation, embedded; --servers: on Kafka and Redis";

const EVENTS = 1000;
const GOAL_P99_MS = { embedded: 20, servers: 50 };
const LIST_LENGTH = 25;

/** Sends one event after another, each of another user in turn, and asks until that user's list has changed. */
export async function run(args: readonly string[]): Promise<void> {
  const { servers } = parseArgs({ args: [...args], options: SERVERS_OPTION }).values;
  const server = await startTrainedServer(servers);
  const { data } = server;
  const { events, recommendations, close } = connect(server);
  const request = (userId: string) => listRequest(server, userId, LIST_LENGTH);
  try {
    const latencies: number[] = [];
    for (let event = 0; event < EVENTS; event++) {
      const userId = data.userIds[event % data.userIds.length] as string;
      const before = await recommendations(request(userId));
      await events({
        trackingId: server.trackingId,
        userId,
        sessionId: `bench-${event}`,
        events: [
          {
            eventId: '',
            eventType: 'click',
            itemId: data.itemIds[(event * 7919) % data.itemIds.length] as string,
            sentAt: new Date(),
            recommendationId: before.recommendationId,
            impression: [],
            properties: undefined,
          },
        ],
      });
      const answered = performance.now();
      while (sameList(before, await recommendations(request(userId)))) {
        if (performance.now() - answered > 5000) throw new Error(`User ${userId}'s list did not change within 5 s.`);
      }
      latencies.push(performance.now() - answered);
    }
    const unit = `ms (${EVENTS} events, ${data.name}${servers ? ', on Kafka, Redis and Postgres' : ''})`;
    printFigure({ name: 'event_to_changed_recommendation_p50', value: quantile(latencies, 0.5), unit });
    printFigure({
      name: 'event_to_changed_recommendation_p99',
      value: quantile(latencies, 0.99),
      unit,
      peer: 'goal',
      peerValue: GOAL_P99_MS[servers ? 'servers' : 'embedded'],
    });
  } finally {
    close();
    await server.stop();
  }
}

function sameList(a: GetRecommendationsResponse, b: GetRecommendationsResponse): boolean {
  return a.items.every(
    ({ itemId, score }, index) => itemId === b.items[index]?.itemId && score === b.items[index]?.score,
  );
}
