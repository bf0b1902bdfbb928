import type { PutEventsRequest } from '@attune/aws';
import {
  type DatasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  sessionId,
  userId,
} from '@attune/domain';

type Event = PutEventsRequest['eventList'][number];

/** What ingest adds to the events of a call. */
export interface Stamp {
  datasetGroup: DatasetGroupName;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** A new unique id for an event that came without one. */
  newEventId: () => string;
}

/** The interactions of a call, in its order. An event id that comes twice is taken once, the first time. */
export function toInteractions(request: PutEventsRequest, stamp: Stamp): Interaction[] {
  const interactions = new Map<string, Interaction>();
  for (const event of request.eventList) {
    const id = event.eventId ?? stamp.newEventId();
    if (!interactions.has(id)) interactions.set(id, toInteraction(request, event, id, stamp));
  }
  return [...interactions.values()];
}

function toInteraction(request: PutEventsRequest, event: Event, id: string, stamp: Stamp): Interaction {
  const { eventValue, properties } = event;
  return {
    datasetGroup: stamp.datasetGroup,
    eventId: eventId(id),
    sessionId: sessionId(request.sessionId),
    eventType: event.eventType,
    timestamp: event.sentAt,
    receivedAt: stamp.receivedAt,
    ...(request.userId !== undefined && { userId: userId(request.userId) }),
    ...(eventValue !== undefined && { eventValue }),
    ...(event.itemId !== undefined && { itemId: itemId(event.itemId) }),
    ...(event.recommendationId !== undefined && { recommendationId: recommendationId(event.recommendationId) }),
    ...(event.impression && { impression: event.impression.map(itemId) }),
    ...(properties && { properties }),
  };
}
