import { ShapeError } from '@attune/aws';
import { AttuneError } from '@attune/domain';
import { Counter, type Histogram, latencyHistogram, type Registry } from '@attune/service';

export interface IngestMetrics {
  accepted: Counter;
  refused: Counter<'reason' | 'member'>;
  clickstream: Counter<'outcome'>;
  publish: Histogram;
}

export function createIngestMetrics(metrics: Registry): IngestMetrics {
  return {
    accepted: new Counter({
      name: 'attune_ingest_events_accepted_total',
      help: 'Events that are durable on the bus.',
      registers: [metrics],
    }),
    refused: new Counter({
      name: 'attune_ingest_calls_refused_total',
      help: 'PutEvents calls that recorded nothing, by reason, and by the first member that was wrong.',
      labelNames: ['reason', 'member'],
      registers: [metrics],
    }),
    clickstream: new Counter({
      name: 'attune_ingest_clickstream_messages_total',
      help: 'Messages of the clickstream topic: taken, or dead because they break the rules.',
      labelNames: ['outcome'],
      registers: [metrics],
    }),
    publish: latencyHistogram(metrics, 'attune_ingest_publish_duration_seconds', 'Time until the bus has the events.'),
  };
}

/** The labels of a refused call. A member is a name of the API's shape, so the labels stay few. */
export function refusalLabels(error: unknown): { reason: string; member: string } {
  const path = error instanceof ShapeError ? error.violations[0]?.path : undefined;
  const member = path?.findLast((part) => typeof part === 'string') ?? '';
  return { reason: error instanceof AttuneError ? error.code : 'Internal', member };
}
