import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@attune/service';
import type { Samples } from '@attune/testing';
import fc from 'fast-check';
import { prepareDemo } from './demo/prepare';
import { readLocalConfig } from './localConfig';
import { type Attune, startAttune } from './startAttune';
import { createTerminal } from './terminal';
import { generatedClicks, generatedItems } from './testing/generatedClicks';
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

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-bad-'));
  const files = { interactions: join(folder, 'clicks.csv'), items: join(folder, 'items.csv') };
  await writeFile(files.interactions, generatedClicks());
  await writeFile(files.items, generatedItems());
  const flags = { dataDir: join(folder, 'data'), port: 0, grpcPort: 0, trainingTimeBudget: 2 };
  const logger = createLogger({ service: 'test', level: 'silent' });
  attune = await startAttune({ config: readLocalConfig({}, flags), logger });
  const data = { description: 'generated clicks', datasetGroup: 'clicks', files };
  ({ campaignArn, trackingId } = await prepareDemo(attune, data, createTerminal(process.stderr)));
}, 120_000);

afterAll(async () => {
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
