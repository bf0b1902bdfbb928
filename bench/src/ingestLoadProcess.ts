import { topics } from '@attune/bus';
import { EVENTS_PER_CALL, generateCalls } from './ingestCalls';
import { bareProducerLoad, CALLS_UNDER_WAY, grpcLoad, httpLoad, type IngestLoad, type Rate } from './ingestLoads';

/** The ways to bring events to Kafka that are compared. */
export type Way = 'http' | 'grpc' | 'bareCalls' | 'bareBatches';

/** The argument of this process, as JSON. */
export interface LoadSettings {
  httpUrl: string;
  grpcAddress: string;
  trackingId: string;
  brokers: string[];
  /** Stands before the topics that the bare producer writes to. */
  bareTopicPrefix: string;
}

/** What a round is asked for. */
export interface RoundRequest {
  way: Way;
  milliseconds: number;
}

export interface RoundResult extends Rate {
  /** What this process used. */
  cpuSeconds: number;
}

/**
 * The load, in a process of its own: forked with its settings, it runs one round after another, each asked for by a
 * message.
 */
async function main(settings: LoadSettings): Promise<void> {
  const { httpUrl, grpcAddress, brokers, bareTopicPrefix } = settings;
  const calls = generateCalls(settings.trackingId);
  const bare = { brokers, topic: bareTopicPrefix + topics.interactions.name };
  const all = CALLS_UNDER_WAY * EVENTS_PER_CALL;
  const loads: Record<Way, IngestLoad> = {
    http: httpLoad(httpUrl, calls),
    grpc: grpcLoad(grpcAddress, calls),
    bareCalls: await bareProducerLoad({ ...bare, sends: CALLS_UNDER_WAY, messagesPerSend: EVENTS_PER_CALL }, calls),
    bareBatches: await bareProducerLoad({ ...bare, sends: 1, messagesPerSend: all }, calls),
  };
  process.on('message', async ({ way, milliseconds }: RoundRequest) => {
    const before = process.cpuUsage();
    const rate = await loads[way](milliseconds);
    const { user, system } = process.cpuUsage(before);
    process.send!({ ...rate, cpuSeconds: (user + system) / 1e6 } satisfies RoundResult);
  });
}

void main(JSON.parse(process.argv[2]!));
