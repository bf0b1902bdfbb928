import { EventsServiceClient } from '@attune/proto';
import { credentials, type status } from '@grpc/grpc-js';
import type { ServiceProcess } from './serviceProcess';

/** Where the clients turn to. */
export interface Targets {
  services: { ingest: ServiceProcess; inference: ServiceProcess };
  trackingId: string;
  campaignArn: string;
}

/** Asks inference for a list over HTTP. */
export async function recommend(
  { services, campaignArn }: Targets,
  userId: string,
): Promise<{ status: number; degraded: boolean; items: number }> {
  const response = await fetch(`${services.inference.httpUrl}/recommendations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ campaignArn, userId, numResults: 5 }),
  });
  const { itemList = [] } = (await response.json()) as { itemList?: unknown[] };
  return {
    status: response.status,
    degraded: response.headers.get('x-attune-degraded') === 'true',
    items: itemList.length,
  };
}

/** The id of an event whose call was refused, so that it may be there or not: no test counts it. */
export const PROBE = 'probe';

/** Sends one event. */
export function putEvent({ services, trackingId }: Targets, given = trackingId): Promise<Response> {
  return fetch(`${services.ingest.httpUrl}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      trackingId: given,
      userId: PROBE,
      sessionId: PROBE,
      eventList: [{ eventId: PROBE, eventType: 'click', itemId: 'i1', sentAt: Date.now() / 1000 }],
    }),
  });
}

/** The same over gRPC. @returns the status that the call ends with */
export async function putEventOverGrpc({ services, trackingId }: Targets): Promise<status> {
  const client = new EventsServiceClient(services.ingest.grpcAddress, credentials.createInsecure());
  const event = {
    eventId: PROBE,
    eventType: 'click',
    itemId: 'i1',
    sentAt: new Date(),
    recommendationId: '',
    impression: [],
  };
  const request = { trackingId, userId: PROBE, sessionId: PROBE, events: [event] };
  try {
    return await new Promise((resolve) => client.putEvents(request, (error) => resolve(error?.code ?? 0)));
  } finally {
    client.close();
  }
}
