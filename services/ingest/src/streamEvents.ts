import { ShapeError } from '@attune/aws';
import { UnavailableError } from '@attune/domain';
import type { RefusedRequest, StreamEventsResponse } from '@attune/proto';

/**
 * Requests of one stream that are being recorded at a time; the client waits where all are. With 10 events each it is as
 * much as the bus takes in one go.
 */
export const MAX_IN_HAND = 50;

/** The most refusals that an answer spells out. */
const MAX_SPELLED_OUT = 100;

/**
 * Records the requests of a stream as they come.
 * @param record takes one request, and resolves to the number of its events when they are durable
 * @throws UnavailableError that names the first request that may not be recorded
 */
export async function streamEvents<Request>(
  requests: AsyncIterable<Request>,
  record: (request: Request) => Promise<number>,
): Promise<StreamEventsResponse> {
  const stream = new EventStream(record);
  try {
    for await (const request of requests) {
      await stream.take(request);
      if (stream.failure) break;
    }
  } catch (error) {
    stream.fail(error);
  }
  return stream.finish();
}

class EventStream<Request> {
  failure: { index: number; error: unknown } | undefined;
  private taken = 0;
  private accepted = 0;
  private readonly refused: RefusedRequest[] = [];
  private readonly inHand = new Set<Promise<void>>();

  constructor(private readonly record: (request: Request) => Promise<number>) {}

  /** Resolves when there is room for one more. */
  async take(request: Request): Promise<void> {
    const index = this.taken++;
    const work = this.recordOne(index, request).finally(() => this.inHand.delete(work));
    this.inHand.add(work);
    if (this.inHand.size >= MAX_IN_HAND) await Promise.race(this.inHand);
  }

  fail(error: unknown, index = this.taken): void {
    if (!this.failure || index < this.failure.index) this.failure = { index, error };
  }

  async finish(): Promise<StreamEventsResponse> {
    await Promise.all(this.inHand);
    if (this.failure) throw resumable(this.failure);
    const refused = this.refused.sort((a, b) => a.index - b.index);
    return {
      acceptedEvents: this.accepted,
      refusedRequests: refused.length,
      refused: refused.slice(0, MAX_SPELLED_OUT),
    };
  }

  private async recordOne(index: number, request: Request): Promise<void> {
    try {
      const recorded = await this.record(request);
      this.accepted += recorded;
    } catch (error) {
      if (error instanceof ShapeError) this.refused.push({ index, reason: error.message });
      else this.fail(error, index);
    }
  }
}

function resumable({ index, error }: { index: number; error: unknown }): unknown {
  if (!(error instanceof UnavailableError)) return error;
  const message = `${error.message} All requests before number ${index}, counted from 0, were recorded or refused. Send the others again.`;
  return new UnavailableError(message, error.retryAfterSeconds, { cause: error });
}
