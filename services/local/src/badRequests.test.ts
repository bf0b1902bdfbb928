import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { StreamEventsResponse } from '@attune/proto';
import { createLogger } from '@attune/service';
import type { Samples } from '@attune/testing';
import { type CallOptions, Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { prepareDemo } from './demo/prepare';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';
import { createTerminal } from './terminal';
import { generatedClicks, generatedItems } from './testing/generatedClicks';
import { brokenMessages, type GrpcRequest } from './testing/hostileMessages';
import {
  brokenRequests,
  CONTROL_OPERATIONS,
  EVENTS_OPERATIONS,
  HOSTILE_SAMPLES,
  type HttpOperation,
  RUNTIME_OPERATIONS,
  wellFormedRequests,
} from './testing/hostileRequests';

const BROKEN = 2_000;
const WELL_FORMED = 500;
/** Far above the slowest honest answer. */
const HANG_MS = 2_000;

let folder: string;
let attune: Attune;
let campaignArn: string;
let trackingId: string;
let solutionVersionArn: string;
let grpc: Client;
/** What the server calls a defect of its own. */
let errors = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-bad-'));
  const files = { interactions: join(folder, 'clicks.csv'), items: join(folder, 'items.csv') };
  await writeFile(files.interactions, generatedClicks());
  await writeFile(files.items, generatedItems());
  const flags = { dataDir: join(folder, 'data'), port: 0, grpcPort: 0, trainingTimeBudget: 2 };
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      errors += line.toString();
      done();
    },
  });
  const logger = createLogger({ service: 'test', level: 'error', destination });
  attune = await startAttune({ config: readLocalConfig({}, flags), logger });
  const data = { description: 'generated clicks', datasetGroup: 'clicks', files };
  const prepared = await prepareDemo(attune, data, createTerminal(process.stderr));
  ({ campaignArn, trackingId } = prepared);
  solutionVersionArn = prepared.version.arn;
  grpc = new Client(attune.grpc.address, credentials.createInsecure());
}, 120_000);

afterEach(() => expect(errors).toBe(''));

afterAll(async () => {
  grpc?.close();
  await attune?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Call {
  path?: string;
  headers?: Readonly<Record<string, string>>;
  body: string;
}

async function answerTo({ path = '/', headers = {}, body }: Call) {
  const response = await fetch(`${attune.http.url}${path}`, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(HANG_MS),
  });
  const text = await response.text();
  const type = response.headers.get('x-amzn-errortype');
  return { status: response.status, type, text, message: type === null ? '' : JSON.parse(text).message };
}

/** Some requests name what is there: the broken member is then the only thing wrong. */
function samples(): Samples {
  return {
    ...HOSTILE_SAMPLES,
    campaignArn: fc.oneof(fc.constant(campaignArn), HOSTILE_SAMPLES.campaignArn!),
    trackingId: fc.oneof(fc.constant(trackingId), HOSTILE_SAMPLES.trackingId!),
    datasetArn: fc.oneof(
      fc
        .constantFrom('ITEMS', 'USERS')
        .map((kind) => `arn:aws:personalize:us-east-1:000000000000:dataset/clicks/${kind}`),
      HOSTILE_SAMPLES.datasetArn!,
    ),
  };
}

describe.each<[string, readonly HttpOperation[]]>([
  ['personalize', CONTROL_OPERATIONS],
  ['personalize-events', EVENTS_OPERATIONS],
  ['personalize-runtime', RUNTIME_OPERATIONS],
])('Bad requests to %s', (_, operations) => {
  test('that break a shape are refused with a typed error, at once', async () => {
    await fc.assert(
      fc.asyncProperty(brokenRequests(operations, samples()), async (request) => {
        const answer = await answerTo(request);
        expect(answer).toMatchObject({ status: 400, message: expect.stringMatching(/./) });
        expect(['InvalidInputException', 'SerializationException']).toContain(answer.type);
      }),
      { numRuns: BROKEN },
    );
  });

  test('that keep to the shape and mean nonsense get an answer or a typed error, at once', async () => {
    await fc.assert(
      fc.asyncProperty(wellFormedRequests(operations, samples()), async (request) => {
        const { status, type, text } = await answerTo(request);
        if (status === 200) return;
        expect({ status, type, text }).toMatchObject({ type: expect.stringMatching(/Exception$/) });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: WELL_FORMED },
    );
  });
});

/** Sends bytes as they are. @returns the status, and the bytes of the last answer */
async function call({ path, streamed, message }: Pick<GrpcRequest, 'path' | 'streamed' | 'message'>) {
  const same = (bytes: Buffer) => bytes;
  const options: CallOptions = { deadline: Date.now() + HANG_MS };
  return new Promise<{ code: status; details: string; answer?: Buffer }>((resolve) => {
    const done = (error: ServiceError | null, answer?: Buffer) =>
      resolve({ code: error?.code ?? status.OK, details: error?.details ?? '', ...(answer && { answer }) });
    if (!streamed) return void grpc.makeUnaryRequest(path, same, same, message, options, done);
    const stream = grpc.makeClientStreamRequest(path, same, same, options, done);
    // A call that was refused takes no more.
    stream.on('error', () => {});
    stream.write(message);
    stream.end();
  });
}

describe('Bad requests over gRPC', () => {
  test('are refused with a status that says so, at once', async () => {
    await fc.assert(
      fc.asyncProperty(brokenMessages({ trackingId, campaignArn, solutionVersionArn }), async (request) => {
        const { code, details, answer } = await call(request);
        if (request.streamed && answer) {
          expect(StreamEventsResponse.decode(answer)).toMatchObject({ acceptedEvents: 0, refusedRequests: 1 });
        } else {
          expect(['INVALID_ARGUMENT', 'NOT_FOUND']).toContain(status[code]);
          expect(details).toMatch(/./);
        }
      }),
      { numRuns: BROKEN },
    );
  });
});
