/** Shapes of the service "personalize-events", API version 2018-03-22. */
import { z } from 'zod';
import { eventPropertiesJson } from './eventProperties';
import { text, timestamp } from './members';

const id = text({ min: 1, max: 256 });

const metricAttribution = z.object({
  eventAttributionSource: text({ max: 1024, pattern: String.raw`[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*` }),
});

export const event = z.object({
  eventId: id.optional(),
  eventType: text({ min: 1, max: 256 }),
  eventValue: z.number().optional(),
  itemId: id.optional(),
  properties: eventPropertiesJson.optional(),
  sentAt: timestamp,
  recommendationId: text({ min: 1, max: 40 }).optional(),
  impression: z.array(id).min(1).max(25).optional(),
  metricAttribution: metricAttribution.optional(),
});

/** `POST /events` */
export const putEventsRequest = z.object({
  trackingId: id,
  userId: id.optional(),
  sessionId: id,
  eventList: z.array(event).min(1).max(10),
});

export type PutEventsRequest = z.output<typeof putEventsRequest>;
