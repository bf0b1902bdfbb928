import type { GetRecommendationsResponse } from '@attune/proto';
import { startEmbeddedServer } from '../embeddedServer';
import { printFigure, quantile } from '../figure';
import { connect } from '../grpcClients';

export const description = "from PutEvents' answer to a changed recommendation, embedded";

const EVENTS = 1000;
const GOAL_P99_MS = 20;
const LIST_LENGTH = 25;

/** Sends one event after another, each of another user in turn, and asks until that user's list has changed. */
export async function run(): Promise<void> {
  const server = await startEmbeddedServer();
  const { events, recommendations, close } = connect(server.grpcAddress);
  const request = (userId: string) => ({
    campaignArn: server.campaignArn,
    userId,
    numResults: LIST_LENGTH,
    metadataColumns: [],
  });
  try {
    const latencies: number[] = [];
    for (let event = 0; event < EVENTS; event++) {
      const userId = server.userIds[event % server.userIds.length] as string;
      const before = await recommendations(request(userId));
      await events({
        trackingId: server.trackingId,
        userId,
        sessionId: `bench-${event}`,
        events: [
          {
            eventId: '',
            eventType: 'click',
            itemId: server.itemIds[(event * 7919) % server.itemIds.length] as string,
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
    const unit = `ms (${EVENTS} events, ${server.data})`;
    printFigure({ name: 'event_to_changed_recommendation_p50', value: quantile(latencies, 0.5), unit });
    printFigure({
      name: 'event_to_changed_recommendation_p99',
      value: quantile(latencies, 0.99),
      unit,
      peer: 'goal',
      peerValue: GOAL_P99_MS,
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
