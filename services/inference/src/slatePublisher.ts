import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, topics } from '@attune/bus';
import type { Slate } from '@attune/domain';
import type { Logger } from '@attune/service';
import type { InferenceMetrics } from './inferenceMetrics';

/** Slates that may wait while the bus is away: 10 s at 1,000 requests a second, about 20 MB. */
const MAX_WAITING = 10_000;

/** Slates in one publish. More would let the embedded log hold up requests: 100 take it about 10 ms. */
const MAX_BATCH = 100;

const RETRY_MS = 1_000;

/** How long a stop waits for the bus to take what is left. */
const FLUSH_MS = 3_000;

export interface SlatePublisherParts {
  bus: Pick<Bus, 'publish'>;
  logger: Logger;
  metrics: Pick<InferenceMetrics, 'slates'>;
}

/**
 * Puts served slates on the bus behind the answer's back: an answer never waits for it. What the bus refuses is tried
 * again; what no longer fits the queue is counted as lost, and logged.
 */
export class SlatePublisher {
  private waiting: Slate[] = [];
  private publishing: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private lostSinceLogged = 0;

  constructor(private readonly parts: SlatePublisherParts) {}

  add(slate: Slate): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.lose(1);
      return;
    }
    this.waiting.push(slate);
    this.publishing ??= this.publishAll().finally(() => {
      this.publishing = undefined;
    });
  }

  /** Publishes what is waiting; what the bus does not take in time is lost, and said so. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.stopping.abort(), FLUSH_MS);
    await this.publishing;
    clearTimeout(timer);
  }

  private async publishAll(): Promise<void> {
    while (this.waiting.length > 0) {
      // A turn of the event loop lets the requests that are in hand add theirs to the batch.
      await pause(1);
      const batch = this.waiting.slice(0, MAX_BATCH);
      if (await this.publish(batch)) this.waiting = this.waiting.slice(batch.length);
      else await pause(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return this.lose(this.waiting.splice(0).length);
    }
  }

  private async publish(slates: readonly Slate[]): Promise<boolean> {
    const { bus, logger, metrics } = this.parts;
    try {
      await bus.publish(
        topics.slates,
        slates.map((slate) => ({ key: slate.userId ?? slate.recommendationId, value: slate })),
      );
    } catch (error) {
      logger.error({ err: error, slates: slates.length, waiting: this.waiting.length }, 'slates not published yet');
      return false;
    }
    metrics.slates.inc({ outcome: 'published' }, slates.length);
    this.logLost();
    return true;
  }

  private lose(count: number): void {
    if (count === 0) return;
    this.parts.metrics.slates.inc({ outcome: 'lost' }, count);
    const first = this.lostSinceLogged === 0;
    this.lostSinceLogged += count;
    if (first) this.parts.logger.error({ waiting: this.waiting.length }, 'slates are being lost: the bus takes none');
  }

  private logLost(): void {
    if (this.lostSinceLogged === 0) return;
    this.parts.logger.error({ slates: this.lostSinceLogged }, 'slates were lost while the bus took none');
    this.lostSinceLogged = 0;
  }
}
