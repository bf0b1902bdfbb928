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
const WELL_FORMED = 1_000;
/** Far above the slowest honest answer. */
const HANG_MS = 10_000;

/** The same requests every time, so that a failure can be repeated. `ATTUNE_TEST_SEED=2` makes others. */
fc.configureGlobal({ seed: Number(process.env.ATTUNE_TEST_SEED ?? 1) });

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

describe('Every kind of mistake has an error of its own', () => {
  const json = { 'content-type': 'application/json' };
  const target = (operation: string) => ({
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AmazonPersonalize.${operation}`,
  });
  const describeCampaign = (arn: string) => ({
    headers: target('DescribeCampaign'),
    body: JSON.stringify({ campaignArn: arn }),
  });
  const recommend = (arn: string) => ({
    path: '/recommendations',
    headers: json,
    body: JSON.stringify({ campaignArn: arn, userId: 'u' }),
  });
  const putItems = (arn: string) => ({
    path: '/items',
    headers: json,
    body: JSON.stringify({ datasetArn: arn, items: [{ itemId: 'i1' }] }),
  });
  const here = 'arn:aws:personalize:us-east-1:000000000000';
  const large = JSON.stringify({ name: 'x'.repeat(2 ** 20) });

  test.each<[string, Call, number, string, string]>([
    [
      'a body over the limit',
      { headers: target('ListSchemas'), body: large },
      413,
      'RequestEntityTooLargeException',
      'too large',
    ],
    [
      '... to events',
      { path: '/events', headers: json, body: large },
      413,
      'RequestEntityTooLargeException',
      'too large',
    ],
    [
      '... to runtime',
      { path: '/recommendations', headers: json, body: large },
      413,
      'RequestEntityTooLargeException',
      'too large',
    ],
    [
      'invalid JSON',
      { headers: target('ListSchemas'), body: '{"a":}' },
      400,
      'SerializationException',
      'not valid JSON',
    ],
    [
      '... to events',
      { path: '/events', headers: json, body: '{"a":}' },
      400,
      'SerializationException',
      'not valid JSON',
    ],
    [
      '... to runtime',
      { path: '/recommendations', headers: json, body: '{' },
      400,
      'SerializationException',
      'not valid JSON',
    ],
    [
      'another content type',
      { headers: { ...target('ListSchemas'), 'content-type': 'text/xml' }, body: '{}' },
      400,
      'SerializationException',
      'text/xml',
    ],
    [
      '... to events',
      { path: '/events', headers: { 'content-type': 'text/xml' }, body: '{}' },
      415,
      'UnsupportedMediaTypeException',
      'text/xml',
    ],
    [
      '... to runtime',
      { path: '/recommendations', headers: { 'content-type': 'text/xml' }, body: '{}' },
      415,
      'UnsupportedMediaTypeException',
      'text/xml',
    ],
    ['an unknown target', { headers: target('Explode'), body: '{}' }, 400, 'UnknownOperationException', 'Explode'],
    ['no target', { headers: json, body: '{}' }, 400, 'UnknownOperationException', 'X-Amz-Target'],
    ['an unknown path', { path: '/explode', headers: json, body: '{}' }, 404, 'UnknownOperationException', '/explode'],
    ['an unknown ARN', describeCampaign(`${here}:campaign/none`), 400, 'ResourceNotFoundException', 'campaign/none'],
    ['... to events', putItems(`${here}:dataset/none/ITEMS`), 404, 'ResourceNotFoundException', 'dataset/none/ITEMS'],
    ['... to runtime', recommend(`${here}:campaign/none`), 404, 'ResourceNotFoundException', 'campaign/none'],
    ...[describeCampaign, recommend].flatMap((ask): [string, Call, number, string, string][] => [
      [
        'an ARN of another region',
        ask('arn:aws:personalize:eu-west-1:000000000000:campaign/clicks'),
        400,
        'InvalidInputException',
        'region "eu-west-1"',
      ],
      [
        'an ARN of another account',
        ask('arn:aws:personalize:us-east-1:999999999999:campaign/clicks'),
        400,
        'InvalidInputException',
        'account "999999999999"',
      ],
      [
        'an ARN of another kind',
        ask(`${here}:solution/clicks`),
        400,
        'InvalidInputException',
        'names a solution, not a campaign',
      ],
    ]),
    [
      'an ARN of another region',
      putItems('arn:aws:personalize:eu-west-1:000000000000:dataset/clicks/ITEMS'),
      400,
      'InvalidInputException',
      'region "eu-west-1"',
    ],
    [
      'an ARN of another account',
      putItems('arn:aws:personalize:us-east-1:999999999999:dataset/clicks/ITEMS'),
      400,
      'InvalidInputException',
      'account "999999999999"',
    ],
    [
      'an ARN of another kind',
      putItems(`${here}:campaign/clicks`),
      400,
      'InvalidInputException',
      'names a campaign, not a dataset',
    ],
    [
      'an ARN of another dataset',
      putItems(`${here}:dataset/clicks/INTERACTIONS`),
      400,
      'InvalidInputException',
      'Expected an ARN of items',
    ],
    [
      'a time in another unit',
      {
        path: '/items',
        headers: json,
        body: JSON.stringify({
          datasetArn: `${here}:dataset/clicks/ITEMS`,
          items: [{ itemId: 'i1', properties: '{"creationTimestamp":9007199254740991}' }],
        }),
      },
      400,
      'InvalidInputException',
      'from 0 to 4102444800',
    ],
    [
      'actions',
      { path: '/action-recommendations', headers: json, body: '{}' },
      400,
      'InvalidInputException',
      'outside of this project',
    ],
  ])('%s', async (_, request, status, type, message) => {
    const answer = await answerTo(request);
    expect(answer).toMatchObject({ status, type, message: expect.stringContaining(message) });
  });

  test.each<[string, Partial<GrpcRequest>, string, string]>([
    [
      'a message over the limit of gRPC',
      { message: Buffer.alloc(5 * 2 ** 20) },
      'RESOURCE_EXHAUSTED',
      'larger than max',
    ],
    ['bytes that are no message', { message: Buffer.from([0x0a, 0x05]) }, 'INVALID_ARGUMENT', 'no protobuf message'],
    ['an unknown method', { path: '/attune.v1.EventsService/Explode' }, 'UNIMPLEMENTED', 'Explode'],
  ])('%s', async (_, request, code, details) => {
    const path = '/attune.v1.RecommendationsService/GetRecommendations';
    const answer = await call({ path, streamed: false, message: Buffer.alloc(0), ...request });
    expect({ ...answer, code: status[answer.code] }).toMatchObject({ code, details: expect.stringContaining(details) });
  });
});

describe.each<[string, readonly HttpOperation[]]>([
  ['personalize-events', EVENTS_OPERATIONS],
  ['personalize-runtime', RUNTIME_OPERATIONS],
  // Last: it deletes what the others need.
  ['personalize', CONTROL_OPERATIONS],
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
