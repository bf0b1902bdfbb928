import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKafkaTopics } from '@attune/bus';
import { createDatasetGroup, createEventTracker, openPostgres } from '@attune/database';
import { trackingId } from '@attune/domain';
import { createLogger } from '@attune/service';
import { cpuSecondsOf } from '../cpuSeconds';
import { printFigure, quantile } from '../figure';
import { DATASET_GROUP, EVENTS_PER_CALL, generateCalls } from '../ingestCalls';
import type { LoadSettings, RoundResult, Way } from '../ingestLoadProcess';
import { CALLS_UNDER_WAY } from '../ingestLoads';
import { prepareRealServices, type RealServices } from '../realServices';

export const description = 'ingest over HTTP and gRPC streaming, beside a bare kafkajs producer; --profile FOLDER';

const ROUND_MS = 4000;
/** The ways take turns, so that a busy machine slows all alike. */
const ROUNDS = 5;
const WAYS: readonly Way[] = ['bareCalls', 'http', 'bareBatches', 'grpc'];
const TRACKING_ID = trackingId('bench');

/** The load comes from a process of its own, in which the bare producer runs as well. `--profile` writes ingest's CPU profile. */
export async function run(args: readonly string[]): Promise<void> {
  const { profile } = parseArgs({ args: [...args], options: { profile: { type: 'string' } } }).values;
  const system = await prepareRealServices();
  try {
    const bareTopicPrefix = await prepareTopicAndTracker(system);
    const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const { httpUrl, grpcAddress } = await system.start('ingest', nodeOptions);
    const { brokers } = system;
    const rates = await measure({ httpUrl, grpcAddress, brokers, bareTopicPrefix, trackingId: TRACKING_ID });
    const bytes = generateCalls(TRACKING_ID)[0]!.messages[0]!.value.length;
    report(rates, `${bytes} bytes each, ${EVENTS_PER_CALL} in a call, ${CALLS_UNDER_WAY} calls at a time`);
  } finally {
    await system.stop();
  }
}

/** @returns the prefix of the topics that the bare producer may write to */
async function prepareTopicAndTracker({ brokers, topicPrefix, databaseUrl }: RealServices): Promise<string> {
  const bareTopicPrefix = `${topicPrefix}bare.`;
  const logger = createLogger({ service: 'bench', level: 'error' });
  await createKafkaTopics({ brokers, clientId: 'bench', topicPrefix: bareTopicPrefix, logger });
  const database = await openPostgres({ url: databaseUrl });
  await createDatasetGroup(database, { name: DATASET_GROUP, createdAt: Date.now() });
  const tracker = { trackingId: TRACKING_ID, name: 'bench', datasetGroup: DATASET_GROUP, createdAt: Date.now() };
  await createEventTracker(database, tracker);
  await database.close();
  return bareTopicPrefix;
}

/** What rounds of one way gave. */
interface Measured {
  eventsPerSecond: number[];
  /** CPU time per event of the process that writes to Kafka, in microseconds: ingest, or the bare producer's. */
  cpuMicroseconds: number[];
}

async function measure(settings: LoadSettings): Promise<Record<Way, Measured>> {
  const load = fork(join(__dirname, '..', 'ingestLoadProcess.js'), [JSON.stringify(settings)]);
  const failed = once(load, 'exit').then(([code]) => {
    throw new Error(`The load ended with ${code}.`);
  });
  const measured = {} as Record<Way, Measured>;
  const round = async (way: Way) => {
    const before = await cpuSecondsOf(settings.httpUrl);
    load.send({ way, milliseconds: ROUND_MS });
    const [result] = (await Promise.race([once(load, 'message'), failed])) as [RoundResult];
    const ingestSeconds = (await cpuSecondsOf(settings.httpUrl)) - before;
    const { events, seconds, cpuSeconds } = result;
    measured[way].eventsPerSecond.push(events / seconds);
    measured[way].cpuMicroseconds.push(((way.startsWith('bare') ? cpuSeconds : ingestSeconds) / events) * 1e6);
  };
  try {
    // The first round of each warms up.
    for (let count = 0; count <= ROUNDS; count++) {
      for (const way of WAYS) {
        if (count <= 1) measured[way] = { eventsPerSecond: [], cpuMicroseconds: [] };
        await round(way);
      }
    }
  } finally {
    failed.catch(() => {});
    load.kill();
  }
  return measured;
}

function report(measured: Record<Way, Measured>, load: string): void {
  const unit = `(${load}, acks=all, median of ${ROUNDS} rounds)`;
  for (const [way, name] of [
    ['http', 'ingest_http'],
    ['grpc', 'ingest_grpc_stream'],
  ] as const) {
    for (const [peer, bare] of [
      ['bare kafkajs producer, the same calls', 'bareCalls'],
      [`bare kafkajs producer, ${CALLS_UNDER_WAY * EVENTS_PER_CALL} messages in a send`, 'bareBatches'],
    ] as const) {
      const [ours, theirs] = [measured[way], measured[bare]];
      printFigure({
        name,
        value: quantile(ours.eventsPerSecond, 0.5),
        unit: `events/s ${unit}`,
        peer,
        peerValue: quantile(theirs.eventsPerSecond, 0.5),
      });
      printFigure({
        name: `${name}_cpu`,
        value: quantile(ours.cpuMicroseconds, 0.5),
        unit: `us of CPU an event ${unit}`,
        peer,
        peerValue: quantile(theirs.cpuMicroseconds, 0.5),
      });
    }
  }
}
