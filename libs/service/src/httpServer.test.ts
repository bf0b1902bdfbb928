import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Caller, UnauthenticatedError } from '@attune/domain';
import type { FastifyPluginAsync } from 'fastify';
import { type HttpServer, type HttpServerOptions, startHttpServer } from './httpServer';
import { createLogger } from './logger';
import { Registry } from './metrics';
import { takeBytes } from './requestBytes';

const logger = createLogger({ service: 'test', level: 'silent' });
const healthy: HttpServerOptions['health'] = async () => ({ missing: [] });

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: Partial<HttpServerOptions> = {}): Promise<string> {
  server = await startHttpServer({ port: 0, logger, metrics: new Registry(), routes: [], health: healthy, ...options });
  return `http://127.0.0.1:${server.port}`;
}

test('health says ok with the details when nothing is missing', async () => {
  const url = await start({ health: async () => ({ missing: [], details: { model: 'v1' } }) });
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'ok', model: 'v1' });
});

test('health answers 503 and names what is missing', async () => {
  const url = await start({ health: async () => ({ missing: ['The database does not answer.'] }) });
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'not ready', missing: ['The database does not answer.'] });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test('metrics hold the time of each route by its pattern, not by its address', async () => {
  const routes: FastifyPluginAsync = async (app) => {
    app.get('/users/:id', async () => 'found');
  };
  const url = await start({ routes: [routes] });
  await fetch(`${url}/users/1`);
  await fetch(`${url}/users/2`);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(
    'attune_http_request_duration_seconds_count{method="GET",route="/users/:id",status="200"} 2',
  );
});

describe('where callers are verified', () => {
  const caller: Caller = { name: 'tester', planes: new Set() };
  const verified: string[] = [];
  const authentication: HttpServerOptions['authentication'] = {
    authenticate: (_request, body) => {
      verified.push(body.toString());
      if (body.toString() === 'forged') throw new UnauthenticatedError('The signature is not valid.');
      return caller;
    },
    authenticateMetrics: () => caller,
  };
  const parsed: string[] = [];
  const configure: HttpServerOptions['configure'] = (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (given, payload, done) => {
      takeBytes(given, payload, (error, bytes) => {
        parsed.push(bytes.toString());
        done(error, bytes.toString());
      });
    });
  };
  const routes: FastifyPluginAsync[] = [async (app) => void app.post('/echo', async ({ body }) => body ?? 'nothing')];

  beforeEach(() => {
    verified.length = 0;
    parsed.length = 0;
  });

  test('the bytes that are parsed are those that were verified, and forged ones are not parsed', async () => {
    const url = await start({ authentication, configure, routes });
    const post = (body: string | null) => fetch(`${url}/echo`, { method: 'POST', body });
    expect(await (await post('ü'.repeat(200_000))).text()).toBe('ü'.repeat(200_000));
    expect(await (await post(null)).text()).toBe('nothing');
    expect((await post('forged')).ok).toBe(false);
    expect((await fetch(`${url}/unknown`, { method: 'POST', body: 'forged' })).status).not.toBe(404);
    expect(verified).toEqual(['ü'.repeat(200_000), '', 'forged', 'forged']);
    expect(parsed).toEqual(['ü'.repeat(200_000)]);
  });

  test('a body without a length is refused at the limit, before it ends', async () => {
    const url = await start({ authentication, configure, routes, bodyLimit: 1000 });
    const endless = request(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'text/plain' } });
    endless.write('x'.repeat(1001));
    const [answer] = (await once(endless, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    expect(answer.headers.connection).toBe('close');
    expect(verified).toEqual([]);
    endless.destroy();
  });

  test('a connection that breaks off is the client’s mistake, and verifies nothing', async () => {
    const failures: unknown[] = [];
    const url = await start({
      authentication,
      routes,
      configure: (app) => app.setErrorHandler((error, _request, reply) => void reply.send(failures.push(error))),
    });
    const broken = request(`${url}/echo`, { method: 'POST', headers: { 'content-length': '1000' } });
    broken.on('error', () => {});
    broken.write('x', () => broken.destroy());
    for (let waited = 0; failures.length === 0 && waited < 2_000; waited += 10) await pause(10);
    expect(failures).toMatchObject([{ statusCode: 400 }]);
    expect(verified).toEqual([]);
  });
});

test('a request in hand is answered although the server is asked to stop', async () => {
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const routes: FastifyPluginAsync = async (app) => {
    app.get('/slow', async () => {
      entered();
      await released;
      return 'done';
    });
  };
  const url = await start({ routes: [routes] });
  const answer = fetch(`${url}/slow`);
  await inside;
  const stopped = server!.stop();
  server = undefined;
  release();
  expect(await (await answer).text()).toBe('done');
  await stopped;
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
});

test('a port that is taken is named', async () => {
  await start();
  const second = startHttpServer({
    port: server!.port,
    logger,
    metrics: new Registry(),
    routes: [],
    health: healthy,
  });
  await expect(second).rejects.toThrow(`Port ${server!.port} on 127.0.0.1 is in use.`);
});
