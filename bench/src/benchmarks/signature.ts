import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256Hex, signatureOf, signingKeyOf } from '@attune/aws';
import { createDatasetGroup, createEventTracker, openPostgres } from '@attune/database';
import { trackingId } from '@attune/domain';
import { Pool } from 'undici';
import { cpuSecondsOf } from '../cpuSeconds';
import { printFigure, quantile } from '../figure';
import { DATASET_GROUP, EVENTS_PER_CALL, generateCalls } from '../ingestCalls';
import { prepareRealServices, type RealServices } from '../realServices';

export const description =
  'PutEvents signed and checked, beside the same server without either, on Kafka; --profile FOLDER';

const CALLS_PER_ROUND = 6_000;
const CALLS_UNDER_WAY = 50;
/** The two take turns, so that a busy machine slows both alike; the first round of each warms up. */
const ROUNDS = 5;
const GOAL_RATIO = 0.8;
const TRACKING_ID = trackingId('bench');
const KEY = { accessKeyId: 'ATTUNEBENCHMARKKEY00', secretAccessKey: 'the-secret-of-the-benchmark' };
const REGION = 'us-east-1';

/** `--profile` writes the CPU profile of the server that verifies and checks. */
export async function run(args: readonly string[]): Promise<void> {
  const { profile } = parseArgs({ args: [...args], options: { profile: { type: 'string' } } }).values;
  const system = await prepareRealServices({
    ATTUNE_ACCESS_KEY_ID: KEY.accessKeyId,
    ATTUNE_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  });
  let bare: ChildProcess | undefined;
  try {
    await prepareTracker(system);
    const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const { httpUrl } = await system.start('ingest', nodeOptions);
    const { brokers, topicPrefix } = system;
    bare = fork(join(__dirname, '..', 'bareIngest.js'), [JSON.stringify({ brokers, topicPrefix })]);
    const [{ port }] = (await once(bare, 'message')) as [{ port: number }];
    const bodies = generateCalls(TRACKING_ID).map(({ json }) => json);
    const signed = new Measured(httpUrl);
    const plain = new Measured(`http://127.0.0.1:${port}`);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const server of [signed, plain]) await server.round(bodies, round > 0);
    }
    report(signed, plain, `${EVENTS_PER_CALL} events each, ${bodies[0]!.length} bytes, ${CALLS_UNDER_WAY} at a time`);
  } finally {
    bare?.kill();
    await system.stop();
  }
}

/** What the rounds against one server gave. */
class Measured {
  readonly callsPerSecond: number[] = [];
  /** The server's CPU time of one call. */
  readonly cpuMicroseconds: number[] = [];

  constructor(private readonly url: string) {}

  async round(bodies: readonly Buffer[], counts: boolean): Promise<void> {
    const before = await cpuSecondsOf(this.url);
    const callsPerSecond = await rate(this.url, bodies);
    const cpuSeconds = (await cpuSecondsOf(this.url)) - before;
    if (!counts) return;
    this.callsPerSecond.push(callsPerSecond);
    this.cpuMicroseconds.push((cpuSeconds / CALLS_PER_ROUND) * 1e6);
  }
}

function report(signed: Measured, plain: Measured, load: string): void {
  const [ours, theirs] = [quantile(signed.callsPerSecond, 0.5), quantile(plain.callsPerSecond, 0.5)];
  const unit = `(${load}, median of ${ROUNDS} rounds)`;
  const peer = 'the same without SigV4 and validation';
  printFigure({ name: 'put_events_signed', value: ours, unit: `calls/s ${unit}`, peer, peerValue: theirs });
  printFigure({
    name: 'put_events_signed_ratio',
    value: ours / theirs,
    unit: 'ratio',
    peer: 'goal',
    peerValue: GOAL_RATIO,
  });
  printFigure({
    name: 'put_events_signed_cpu',
    value: quantile(signed.cpuMicroseconds, 0.5),
    unit: `us of the server's CPU a call ${unit}`,
    peer,
    peerValue: quantile(plain.cpuMicroseconds, 0.5),
  });
}

async function prepareTracker({ databaseUrl }: RealServices): Promise<void> {
  const database = await openPostgres({ url: databaseUrl });
  const createdAt = Date.now();
  await createDatasetGroup(database, { name: DATASET_GROUP, createdAt });
  await createEventTracker(database, {
    trackingId: TRACKING_ID,
    name: 'bench',
    datasetGroup: DATASET_GROUP,
    createdAt,
  });
  await database.close();
}

/** Calls per second. The calls are signed before the clock starts: signing is the client's work. */
async function rate(url: string, bodies: readonly Buffer[]): Promise<number> {
  const { host } = new URL(url);
  const calls = Array.from({ length: CALLS_PER_ROUND }, (_, index) => {
    const body = bodies[index % bodies.length]!;
    return { body, headers: signedHeaders(host, body) };
  });
  const pool = new Pool(url, { connections: CALLS_UNDER_WAY });
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    for (let call = calls[next++]; call; call = calls[next++]) {
      const { statusCode, body } = await pool.request({ path: '/events', method: 'POST', ...call });
      const answer = await body.text();
      if (statusCode !== 200) throw new Error(`PutEvents answered ${statusCode}: ${answer}`);
    }
  };
  await Promise.all(Array.from({ length: CALLS_UNDER_WAY }, worker));
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  return CALLS_PER_ROUND / seconds;
}

/** The headers of a call, as AWS's clients send and sign them. */
function signedHeaders(host: string, body: Buffer): Record<string, string> {
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'amz-sdk-invocation-id': randomUUID(),
    'amz-sdk-request': 'attempt=1; max=3',
    'content-type': 'application/json',
    host,
    'x-amz-date': amzDate,
  };
  const signedHeaders = Object.keys(headers);
  const scope = { date: amzDate.slice(0, 8), region: REGION, service: 'personalize' };
  const claimed = { ...scope, accessKeyId: KEY.accessKeyId, amzDate, signedHeaders, signature: '' };
  const request = { method: 'POST', url: '/events', headers, body };
  const signature = signatureOf(request, claimed, sha256Hex(body), signingKeyOf(KEY.secretAccessKey, scope));
  const credential = `${KEY.accessKeyId}/${scope.date}/${REGION}/personalize/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature.toString('hex')}`;
  return { ...headers, authorization };
}
