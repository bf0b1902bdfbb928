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
  const ids = new Set<string>();
  const interactions: Interaction[] = [];
  for (const event of request.eventList) {
    const id = event.eventId ?? stamp.newEventId();
    if (ids.has(id)) continue;
    ids.add(id);
    interactions.push(toInteraction(request, event, id, stamp));
  }
  return interactions;
}

/** Members are set one by one: spreading an object for each optional one took more than twice as long. */
function toInteraction(request: PutEventsRequest, event: Event, id: string, stamp: Stamp): Interaction {
  const interaction: Interaction = {
    datasetGroup: stamp.datasetGroup,
    eventId: eventId(id),
    sessionId: sessionId(request.sessionId),
    eventType: event.eventType,
    timestamp: event.sentAt,
    receivedAt: stamp.receivedAt,
  };
  if (request.userId !== undefined) interaction.userId = userId(request.userId);
  if (event.eventValue !== undefined) interaction.eventValue = event.eventValue;
  if (event.itemId !== undefined) interaction.itemId = itemId(event.itemId);
  if (event.recommendationId !== undefined) interaction.recommendationId = recommendationId(event.recommendationId);
  if (event.impression) interaction.impression = event.impression.map(itemId);
  if (event.properties) interaction.properties = event.properties;
  return interaction;
}
