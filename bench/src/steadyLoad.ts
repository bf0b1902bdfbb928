import { setTimeout as pause } from 'node:timers/promises';
import { connect, listRequest } from './grpcClients';
import type { TrainedServices } from './trainedServices';

const LIST_LENGTH = 25;

export interface SteadyLoad {
  /** Visits that were answered. */
  readonly visits: number;
  /** Sends no more, and waits for the last answers. @throws what the first visit that failed threw */
  stop(): Promise<void>;
}

/**
 * Known users who come back at a steady rate: each asks for a list and clicks on its first item, in turns over gRPC and
 * over HTTP.
 * @param rate visits in a second
 */
export function startSteadyLoad(system: TrainedServices, rate: number): SteadyLoad {
  const { events, recommendations, close } = connect(system);
  const { campaignArn, trackingId, data, services } = system;

  const overGrpc = async (userId: string) => {
    const list = await recommendations(listRequest(system, userId, LIST_LENGTH));
    const event = {
      eventId: '',
      eventType: 'click',
      itemId: list.items[0]!.itemId,
      sentAt: new Date(),
      recommendationId: list.recommendationId,
      impression: [],
    };
    await events({ trackingId, userId, sessionId: userId, events: [event] });
  };
  const overHttp = async (userId: string) => {
    const list = await post(`${services.inference.httpUrl}/recommendations`, {
      campaignArn,
      userId,
      numResults: LIST_LENGTH,
    });
    const { itemList, recommendationId } = JSON.parse(list) as {
      itemList: { itemId: string }[];
      recommendationId: string;
    };
    const event = { eventType: 'click', itemId: itemList[0]!.itemId, sentAt: Date.now() / 1000, recommendationId };
    await post(`${services.ingest.httpUrl}/events`, { trackingId, userId, sessionId: userId, eventList: [event] });
  };

  let visits = 0;
  let failure: unknown;
  let stopping = false;
  const inHand = new Set<Promise<void>>();
  const send = async () => {
    const start = performance.now();
    for (let index = 0; !stopping && failure === undefined; index++) {
      await pause(Math.max(0, start + (index / rate) * 1000 - performance.now()));
      const userId = data.userIds[index % data.userIds.length]!;
      const visit = (index % 2 === 0 ? overGrpc(userId) : overHttp(userId))
        .then(
          () => {
            visits++;
          },
          (error: unknown) => {
            failure ??= error;
          },
        )
        .finally(() => inHand.delete(visit));
      inHand.add(visit);
    }
    await Promise.all(inHand);
    close();
  };
  const sending = send();
  return {
    get visits() {
      return visits;
    },
    stop: async () => {
      stopping = true;
      await sending;
      if (failure !== undefined) throw failure;
    },
  };
}

async function post(url: string, body: object): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}
