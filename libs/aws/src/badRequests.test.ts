import type { HttpServer } from '@attune/service';
import { badRequests, requestSchema, type Samples, validRequests } from '@attune/testing';
import fc from 'fast-check';
import type { z } from 'zod';
import { controlOperations } from './controlOperations';
import { startControlServer } from './controlServer.fixture';
import { eventsOperations } from './personalizeEvents';
import { runtimeOperations } from './personalizeRuntime';
import { parseShape } from './violations';

const RUNS = 30;
/** Far above the slowest honest answer, far below what a pattern of cubic time takes. */
const HANG_MS = 10_000;

/** The same requests every time, so that a failure can be repeated. `ATTUNE_TEST_SEED=2` makes others. */
fc.configureGlobal({ seed: Number(process.env.ATTUNE_TEST_SEED ?? 1) });

const restOperations: Record<string, { path: string; input: z.ZodType }> = {
  ...eventsOperations,
  ...runtimeOperations,
};
const samples: Samples = { properties: fc.constantFrom('{"deviceType":"phone"}', '{}') };

let server: HttpServer;

beforeAll(async () => {
  server = await startControlServer(
    {},
    {
      routes: Object.values(restOperations).map(({ path, input }) => async (app) => {
        app.post(path, async (request) => {
          parseShape(input, request.body ?? {});
          return {};
        });
      }),
    },
  );
});

afterAll(() => server.stop());

async function answerTo(path: string, headers: Record<string, string>, body: string) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(HANG_MS),
  });
  return { status: response.status, type: response.headers.get('x-amzn-errortype'), body: await response.text() };
}

const surfaces: [string, string, Record<string, string>, z.ZodType][] = [
  ...Object.entries(controlOperations).map(([name, { input }]): (typeof surfaces)[number] => [
    name,
    '/',
    { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonPersonalize.${name}` },
    input,
  ]),
  ...Object.entries(restOperations).map(([name, { path, input }]): (typeof surfaces)[number] => [
    name,
    path,
    { 'content-type': 'application/json' },
    input,
  ]),
];

describe.each(surfaces)('%s', (_, path, headers, input) => {
  const schema = requestSchema(input);

  test('takes every request that keeps to its shape', async () => {
    await fc.assert(
      fc.asyncProperty(validRequests(schema, samples), async (request) => {
        expect(await answerTo(path, headers, JSON.stringify(request))).toMatchObject({ status: 200 });
      }),
      { numRuns: 10 },
    );
  });

  test('refuses every other one with a typed error, at once', async () => {
    await fc.assert(
      fc.asyncProperty(badRequests(schema, samples), async ({ body }) => {
        const answer = await answerTo(path, headers, body);
        expect(answer.status).toBe(400);
        expect(['InvalidInputException', 'SerializationException']).toContain(answer.type);
        expect(answer.body.length).toBeLessThan(5_000);
      }),
      { numRuns: RUNS },
    );
  });
});

test('any text at all as a body or a target gets a typed error', async () => {
  const text = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...surfaces), text, async ([, path, headers], body) => {
      const { status, type } = await answerTo(path, headers, body);
      expect(status).toBeLessThan(500);
      if (status !== 200) expect(type).toMatch(/Exception$/);
    }),
    { numRuns: 300 },
  );
  const target = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(target, async (name) => {
      const headers = { 'content-type': 'application/json', 'x-amz-target': `AmazonPersonalize.${name.trim()}` };
      expect(await answerTo('/', headers, '{}')).toMatchObject({ status: 400, type: 'UnknownOperationException' });
    }),
    { numRuns: 100 },
  );
});
