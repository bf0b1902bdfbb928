import type { FastifyPluginAsync } from 'fastify';
import type { Health } from './health';
import { type HttpServer, startHttpServer } from './httpServer';
import { createLogger } from './logger';
import { Registry } from './metrics';

const logger = createLogger({ service: 'test', level: 'silent' });
const healthy = async (): Promise<Health> => ({ missing: [] });

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: { routes?: FastifyPluginAsync[]; health?: () => Promise<Health> } = {}): Promise<string> {
  const { routes = [], health = healthy } = options;
  server = await startHttpServer({ port: 0, logger, metrics: new Registry(), routes, health });
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
