import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { speakRestJson } from '@attune/aws';
import { createLogger, type HttpServer, Registry, startHttpServer } from '@attune/service';
import { startFront } from './startFront';

const logger = createLogger({ service: 'test', level: 'silent' });
const health = async () => ({ missing: [] });
let servers: HttpServer[] = [];
let front: HttpServer;
let url: string;
let unused: Server;

/** A service that tells what it received. */
async function startEcho(name: string): Promise<string> {
  const server = await startHttpServer({
    port: 0,
    logger,
    metrics: new Registry(),
    health,
    configure: speakRestJson,
    routes: [
      async (app) => {
        app.post('/*', async ({ url, headers, body }, reply) =>
          reply
            .header('x-amzn-requestid', name)
            .send({ name, url, host: headers.host, type: headers['content-type'], body }),
        );
      },
    ],
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

beforeAll(async () => {
  servers = [];
  unused = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => unused.once('listening', resolve));
  const { port } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  const upstreams = {
    control: await startEcho('control'),
    ingest: await startEcho('ingest'),
    inference: `http://127.0.0.1:${port}`,
  };
  front = await startFront({ upstreams, host: '127.0.0.1', port: 0, metrics: new Registry(), logger });
  url = `http://127.0.0.1:${front.port}`;
});

afterAll(async () => {
  await front.stop();
  for (const server of servers) await server.stop();
});

const post = (path: string) =>
  fetch(url + path, { method: 'POST', body: '{"a": "ü"}', headers: { 'content-type': 'application/json' } });

test('each request reaches its service as it came, with the host that the client named', async () => {
  for (const [path, name] of [
    ['/', 'control'],
    ['/events', 'ingest'],
    ['/items', 'ingest'],
    ['/users?x=a%20b&X-Amz-Signature=1', 'ingest'],
  ] as const) {
    const answer = await post(path);
    expect(await answer.json()).toEqual({
      name,
      url: path,
      host: `127.0.0.1:${front.port}`,
      type: 'application/json',
      body: { a: 'ü' },
    });
    expect(answer.headers.get('x-amzn-requestid')).toBe(name);
  }
});

test('a service that is away is a typed error with Retry-After, and the others go on', async () => {
  const answer = await post('/recommendations');
  expect(answer.status).toBe(503);
  expect(answer.headers.get('x-amzn-errortype')).toBe('ServiceUnavailable');
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await answer.json()).toMatchObject({ message: 'The service inference does not answer. Repeat the call.' });
  expect((await post('/events')).status).toBe(200);
  const state = await fetch(`${url}/health`);
  expect(state.status).toBe(200);
  expect(await state.json()).toEqual({ status: 'ok', degraded: ['inference is away.'] });
});

test('what no service answers is an unknown operation', async () => {
  const answer = await post('/nothing');
  expect(answer.status).toBe(404);
  expect(answer.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
});
