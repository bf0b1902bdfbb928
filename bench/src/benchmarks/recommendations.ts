import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetRecommendationsResponse } from '@attune/proto';
import { startEmbeddedServer } from '../embeddedServer';
import { printFigure, quantile } from '../figure';
import { connect, type GrpcClients } from '../grpcClients';

export const description =
  'GetRecommendations over gRPC, beside a bare grpc-js server with a fixed answer of the same size';

const LIST_LENGTH = 25;
/** Calls under way at one time, over one connection. */
const CONCURRENCY = 32;
const ROUND_MS = 5000;
/** The two servers take turns, so that a busy machine slows both alike. */
const ROUNDS = 5;

/** Asks for the lists of all users in turn, as fast as the server answers. */
export async function run(): Promise<void> {
  const server = await startEmbeddedServer();
  const attune = connect(server.grpcAddress);
  const requests = server.userIds.map((userId) => ({
    campaignArn: server.campaignArn,
    userId,
    numResults: LIST_LENGTH,
    metadataColumns: [],
  }));
  const answer = await attune.recommendations(requests[0] as (typeof requests)[number]);
  const bytes = GetRecommendationsResponse.encode(answer).finish();
  const bareServer = await startBareServer(bytes);
  const bare = connect(bareServer.address);
  try {
    // The first list of each user costs a reading of the history. What is measured is the users who come back.
    for (const request of requests) await attune.recommendations(request);
    await load(attune, requests);
    await load(bare, requests);
    const ours: Round[] = [];
    const theirs: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await load(attune, requests));
      theirs.push(await load(bare, requests));
    }
    const unit = `${LIST_LENGTH} items, ${bytes.length} bytes, ${CONCURRENCY} at a time, ${server.data}`;
    const peer = 'bare grpc-js server';
    for (const [name, of] of [
      ['requests/s', (round: Round) => round.latencies.length / round.seconds],
      ['p50 ms', (round: Round) => quantile(round.latencies, 0.5)],
      ['p99 ms', (round: Round) => quantile(round.latencies, 0.99)],
    ] as const) {
      printFigure({
        name: `get_recommendations_grpc_${name.replace(/\W+/g, '_')}`,
        value: quantile(ours.map(of), 0.5),
        unit: `${name.split(' ').at(-1)} (${unit}, median of ${ROUNDS} rounds)`,
        peer,
        peerValue: quantile(theirs.map(of), 0.5),
      });
    }
  } finally {
    attune.close();
    bare.close();
    bareServer.process.kill();
    await server.stop();
  }
}

interface Round {
  seconds: number;
  /** In milliseconds, one for each answer. */
  latencies: number[];
}

/** Keeps so many calls under way for the time of a round. */
async function load(
  { recommendations }: GrpcClients,
  requests: readonly Parameters<GrpcClients['recommendations']>[0][],
): Promise<Round> {
  const latencies: number[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (performance.now() - start < ROUND_MS) {
      const request = requests[next++ % requests.length] as (typeof requests)[number];
      const sent = performance.now();
      await recommendations(request);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return { seconds: (performance.now() - start) / 1000, latencies };
}

async function startBareServer(answer: Uint8Array): Promise<{ address: string; process: ChildProcess }> {
  const script = join(__dirname, '..', 'bareServer.js');
  const child = spawn(process.execPath, [script, Buffer.from(answer).toString('base64')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { address: `127.0.0.1:${port}`, process: child };
}
