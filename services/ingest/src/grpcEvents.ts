import { event, eventProperties, fieldPath, putEventsRequest, ShapeError } from '@attune/aws';
import type { Caller } from '@attune/domain';
import { type Event, EventsServiceService, type PutEventsRequest } from '@attune/proto';
import { type GrpcService, grpcService } from '@attune/service';
import { z } from 'zod';
import type { PutEvents } from './putEvents';
import { streamEvents } from './streamEvents';

/** What the properties of one event may have as JSON, on every surface alike: an event must fit the bus. */
const MAX_PROPERTIES = 1024;

const properties = eventProperties.refine((given) => JSON.stringify(given).length <= MAX_PROPERTIES, {
  error: `Member must have length less than or equal to ${MAX_PROPERTIES} as JSON`,
});

/** The shape of PutEvents, but for the properties: a proto message holds them as an object, where AWS has its JSON. */
const grpcRequest = putEventsRequest.extend({
  eventList: z
    .array(event.extend({ properties: properties.optional() }))
    .min(1)
    .max(10),
});

/** `attune.v1.EventsService`. */
export function grpcEvents(putEvents: PutEvents): GrpcService {
  const record = async (request: PutEventsRequest, caller: Caller): Promise<number> => {
    try {
      return await putEvents(members(request), grpcRequest, caller);
    } catch (error) {
      throw error instanceof ShapeError ? new ShapeError(error.violations, grpcPath) : error;
    }
  };
  return grpcService(EventsServiceService, {
    putEvents: async (request, caller) => {
      await record(request, caller);
      return {};
    },
    streamEvents: (requests, caller) => streamEvents(requests, (request) => record(request, caller)),
  });
}

function grpcPath(path: readonly PropertyKey[]): string {
  return fieldPath(path, { eventList: 'events' });
}

/** The request by the API's names. Where a proto field is empty, the member is absent. */
function members({ trackingId, userId, sessionId, events }: PutEventsRequest) {
  return {
    trackingId,
    userId: userId || undefined,
    sessionId,
    eventList: events.map(eventMembers),
  };
}

function eventMembers(event: Event) {
  return {
    ...event,
    eventId: event.eventId || undefined,
    itemId: event.itemId || undefined,
    sentAt: event.sentAt && event.sentAt.getTime() / 1000,
    recommendationId: event.recommendationId || undefined,
    impression: event.impression.length > 0 ? event.impression : undefined,
  };
}
