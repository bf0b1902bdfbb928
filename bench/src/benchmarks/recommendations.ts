import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { GetRecommendationsResponse } from '@attune/proto';
import { printFigure, quantile } from '../figure';
import { connect, listRequest } from '../grpcClients';
import { keepBusy, type Round } from '../keepBusy';
import { SERVERS_OPTION, startTrainedServer } from '../startTrainedServer';

export const description =
  'GetRecommendations over gRPC, beside a bare grpc-js server with a fixed answer of the same size; --servers: state in Redis';

const LIST_LENGTH = 25;
/** Calls under way at one time, over one connection. */
const CONCURRENCY = 32;
const ROUND_MS = 5000;
/** The two servers take turns, so that a busy machine slows both alike. */
const ROUNDS = 5;

/** Asks for the lists of all users in turn, as fast as the server answers. */
export async function run(args: readonly string[]): Promise<void> {
  const { servers } = parseArgs({ args: [...args], options: SERVERS_OPTION }).values;
  const server = await startTrainedServer(servers);
  const attune = connect(server);
  const requests = server.data.userIds.map((userId) => listRequest(server, userId, LIST_LENGTH));
  const answer = await attune.recommendations(requests[0] as (typeof requests)[number]);
  const bytes = GetRecommendationsResponse.encode(answer).finish();
  const bareServer = await startBareServer(bytes);
  const { address } = bareServer;
  const bare = connect({ eventsAddress: address, recommendationsAddress: address });
  const load = ({ recommendations }: typeof bare) =>
    keepBusy(CONCURRENCY, ROUND_MS, (index) => recommendations(requests[index % requests.length]!));
  try {
    // The first list of each user costs a reading of the history. What is measured is the users who come back.
    for (const request of requests) await attune.recommendations(request);
    await load(attune);
    await load(bare);
    const ours: Round[] = [];
    const theirs: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await load(attune));
      theirs.push(await load(bare));
    }
    const unit = `${LIST_LENGTH} items, ${bytes.length} bytes, ${CONCURRENCY} at a time, ${server.data.name}${servers ? ', on Kafka, Redis and Postgres' : ''}`;
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

async function startBareServer(answer: Uint8Array): Promise<{ address: string; process: ChildProcess }> {
  const script = join(__dirname, '..', 'bareServer.js');
  const child = spawn(process.execPath, [script, Buffer.from(answer).toString('base64')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { address: `127.0.0.1:${port}`, process: child };
}
