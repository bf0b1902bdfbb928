/** The service "personalize-events", API version 2018-03-22: what happened, and what there is, piece by piece. */
import { z } from 'zod';
import { propertiesJson } from './eventProperties';
import { arn, text, timestamp } from './members';

const id = text({ min: 1, max: 256 });
const eventType = text({ min: 1, max: 256 });
const recommendationId = text({ min: 1, max: 40 });
const impression = z.array(id).min(1).max(25);
const eventPropertiesJson = propertiesJson({ max: 1024 });

const metricAttribution = z.object({
  eventAttributionSource: text({
    max: 1024,
    pattern: String.raw`^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$`,
    linear: /^ *[\x21-\x7E][\x20-\x7E]*$/u,
  }),
});

export const event = z.object({
  eventId: id.optional(),
  eventType,
  eventValue: z.number().optional(),
  itemId: id.optional(),
  properties: eventPropertiesJson.optional(),
  sentAt: timestamp,
  recommendationId: recommendationId.optional(),
  impression: impression.optional(),
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

const metadata = propertiesJson({ max: 32_000 }).optional();

/** `POST /items` */
export const putItemsRequest = z.object({
  datasetArn: arn,
  items: z
    .array(z.object({ itemId: id, properties: metadata }))
    .min(1)
    .max(10),
});

export type PutItemsRequest = z.output<typeof putItemsRequest>;

/** `POST /users` */
export const putUsersRequest = z.object({
  datasetArn: arn,
  users: z
    .array(z.object({ userId: id, properties: propertiesJson({ max: 24_000 }).optional() }))
    .min(1)
    .max(10),
});

export type PutUsersRequest = z.output<typeof putUsersRequest>;

/** `POST /actions` */
export const putActionsRequest = z.object({
  datasetArn: arn,
  actions: z
    .array(z.object({ actionId: id, properties: metadata }))
    .min(1)
    .max(10),
});

const actionInteraction = z.object({
  actionId: id,
  userId: id.optional(),
  sessionId: id,
  timestamp,
  eventType,
  eventId: id.optional(),
  recommendationId: recommendationId.optional(),
  impression: impression.optional(),
  properties: eventPropertiesJson.optional(),
});

/** `POST /action-interactions` */
export const putActionInteractionsRequest = z.object({
  trackingId: id,
  actionInteractions: z.array(actionInteraction).min(1).max(10),
});

const WRITE_ERRORS = ['InvalidInputException', 'ResourceNotFoundException', 'ResourceInUseException'] as const;
const nothing = z.object({});

/** Every operation: where it is, its request, its answer and its errors. */
export const eventsOperations = {
  PutEvents: { path: '/events', input: putEventsRequest, output: nothing, errors: ['InvalidInputException'] },
  PutItems: { path: '/items', input: putItemsRequest, output: nothing, errors: WRITE_ERRORS },
  PutUsers: { path: '/users', input: putUsersRequest, output: nothing, errors: WRITE_ERRORS },
  PutActions: { path: '/actions', input: putActionsRequest, output: nothing, errors: WRITE_ERRORS },
  PutActionInteractions: {
    path: '/action-interactions',
    input: putActionInteractionsRequest,
    output: nothing,
    errors: WRITE_ERRORS,
  },
} as const;
