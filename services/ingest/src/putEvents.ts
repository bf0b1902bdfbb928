import { type Bus, topics } from '@attune/bus';
import { type Caller, historyKey, UnavailableError } from '@attune/domain';
import { secondsSince } from '@attune/service';
import { type IngestMetrics, refusalLabels } from './ingestMetrics';
import type { ReadEvents, RequestShape } from './readEvents';

/**
 * Records the events of one call, all of them or none, and resolves when they are durable.
 * @returns how many events were recorded
 * @throws ShapeError that names the members that are wrong
 * @throws AccessDeniedError where the caller may not send events to the tracker's dataset group
 * @throws UnavailableError where the events are not durable within `ANSWER_TIMEOUT_MS`
 */
export type PutEvents = (request: unknown, shape: RequestShape, caller: Caller) => Promise<number>;

export interface PutEventsParts {
  bus: Pick<Bus, 'publish'>;
  readEvents: ReadEvents;
  /** A new unique id for an event that came without one. */
  newEventId: () => string;
  metrics: IngestMetrics;
}

/** A caller hears within 2 s that a part is away; half a second of it is left for the way there and back. */
export const ANSWER_TIMEOUT_MS = 1_500;

export function createPutEvents(parts: PutEventsParts): PutEvents {
  const { metrics } = parts;
  return async (request, shape, caller) => {
    try {
      const recorded = await record(parts, request, shape, caller);
      metrics.accepted.inc(recorded);
      return recorded;
    } catch (error) {
      metrics.refused.inc(refusalLabels(error));
      throw error;
    }
  };
}

async function record(parts: PutEventsParts, request: unknown, shape: RequestShape, caller: Caller): Promise<number> {
  const deadline = new Deadline(ANSWER_TIMEOUT_MS);
  try {
    const reading = parts.readEvents(request, shape, caller, parts.newEventId);
    const interactions = await deadline.for(reading, TRACKER_IS_LATE);
    const messages = interactions.map((interaction) => ({ key: historyKey(interaction), value: interaction }));
    const publishing = performance.now();
    await deadline.for(parts.bus.publish(topics.interactions, messages), BUS_IS_LATE);
    parts.metrics.publish.observe(secondsSince(publishing));
    return messages.length;
  } finally {
    deadline.cancel();
  }
}

const TRACKER_IS_LATE = 'The tracking id could not be looked up in time. Nothing was recorded: repeat the call.';
const BUS_IS_LATE = `The bus did not confirm the events within ${ANSWER_TIMEOUT_MS} ms. Repeat the call: events that carry an eventId count once.`;

/** One time limit for the steps of a call, with one timer. */
class Deadline {
  private timer: NodeJS.Timeout | undefined;
  private readonly passed: Promise<never>;
  private message = '';

  constructor(milliseconds: number) {
    this.passed = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(new UnavailableError(this.message)), milliseconds);
    });
  }

  /** @throws UnavailableError with this message where the time is up before the work is done */
  for<Result>(work: Promise<Result>, message: string): Promise<Result> {
    this.message = message;
    return Promise.race([work, this.passed]);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
