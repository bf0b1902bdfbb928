import { type PutEventsRequest, parseShape, ShapeError } from '@attune/aws';
import { type Bus, topics } from '@attune/bus';
import { historyKey, trackingId, UnavailableError } from '@attune/domain';
import { secondsSince } from '@attune/service';
import type { z } from 'zod';
import type { FindDatasetGroup } from './eventTrackers';
import { type IngestMetrics, refusalLabels } from './ingestMetrics';
import { toInteractions } from './interactions';
import { checkSentAt } from './sentAt';

/** How a surface spells a request. Every surface's reads as the same thing, so all checks are made in one place. */
export type RequestShape = z.ZodType<PutEventsRequest>;

/**
 * Records the events of one call, all of them or none, and resolves when they are durable.
 * @throws ShapeError that names the members that are wrong
 * @throws UnavailableError where the bus does not take the events within `PUBLISH_TIMEOUT_MS`
 */
export type PutEvents = (request: unknown, shape: RequestShape) => Promise<void>;

export interface PutEventsParts {
  bus: Pick<Bus, 'publish'>;
  findDatasetGroup: FindDatasetGroup;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** A new unique id for an event that came without one. */
  newEventId: () => string;
  metrics: IngestMetrics;
}

/** A caller hears within 2 s that the bus is away; half a second of it is left for the way there and back. */
export const PUBLISH_TIMEOUT_MS = 1_500;

export function createPutEvents(parts: PutEventsParts): PutEvents {
  const { metrics } = parts;
  return async (request, shape) => {
    try {
      metrics.accepted.inc(await accept(parseShape(shape, request), parts));
    } catch (error) {
      metrics.refused.inc(refusalLabels(error));
      throw error;
    }
  };
}

/** @returns how many events were recorded */
async function accept(request: PutEventsRequest, parts: PutEventsParts): Promise<number> {
  const receivedAt = parts.now();
  checkSentAt(request, receivedAt);
  const datasetGroup = await parts.findDatasetGroup(trackingId(request.trackingId));
  if (datasetGroup === undefined) throw unknownTracker(request.trackingId);
  const interactions = toInteractions(request, { datasetGroup, receivedAt, newEventId: parts.newEventId });
  const messages = interactions.map((interaction) => ({ key: historyKey(interaction), value: interaction }));
  const start = performance.now();
  await withinTimeout(parts.bus.publish(topics.interactions, messages));
  parts.metrics.publish.observe(secondsSince(start));
  return messages.length;
}

/** PutEvents has no other error than InvalidInput, for an unknown tracking id too. */
function unknownTracker(given: string): ShapeError {
  return new ShapeError([
    { path: ['trackingId'], given, constraint: 'Member must be the tracking id of an event tracker' },
  ]);
}

async function withinTimeout(publish: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `The bus did not confirm the events within ${PUBLISH_TIMEOUT_MS} ms. Repeat the call: events that carry an eventId count once.`;
      reject(new UnavailableError(message));
    }, PUBLISH_TIMEOUT_MS);
  });
  try {
    await Promise.race([publish, late]);
  } finally {
    clearTimeout(timer);
  }
}
