import { speakRestJson } from '@attune/aws';
import { importInteractions } from '@attune/database';
import { itemId, userId } from '@attune/domain';
import { type HttpServer, Registry, startHttpServer } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions } from '@attune/session';
import { eventually } from '@attune/testing';
import { type Inference, startInference } from './startInference';
import { CAMPAIGN_ARN, openTestParts, shop, type TestParts, versionArn } from './testParts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const CLIENTS = 10;
const USERS = 50;
const itemIds = Array.from({ length: 500 }, (_, index) => `i${index}`);

const metrics = new Registry();
let parts: TestParts;
let inference: Inference;
let http: HttpServer;

beforeAll(async () => {
  parts = await openTestParts(() => NOW);
  const clicks = Array.from({ length: 100 * USERS }, (_, index) => ({
    userId: userId(`u${index % USERS}`),
    itemId: itemId(`i${index % itemIds.length}`),
    eventType: 'click',
    timestamp: NOW - 1000 * index,
  }));
  await importInteractions(parts.database, shop, clicks);
  await parts.train('v1', { itemIds });
  await parts.deploy('v1');
  const [sessions, statistics] = [inMemorySessions(), inMemoryItemStatistics()];
  inference = await startInference({ ...parts, sessions, statistics, metrics, now: () => NOW });
  http = await startHttpServer({
    port: 0,
    logger: parts.logger,
    metrics,
    configure: speakRestJson,
    routes: [inference.routes],
    health: async () => inference.health(),
  });
});
afterAll(async () => {
  await http.stop();
  await inference.stop();
  await parts.close();
});

const servedVersion = async () => /model_info\{[^}]*solution_version="([^"]*)"\} 1/.exec(await metrics.metrics())?.[1];

test('a switch of models under many requests drops none of them', async () => {
  const statuses = new Map<number, number>();
  let asking = true;
  const client = async (number: number) => {
    for (let request = number; asking; request++) {
      const { status, text } = await ask(`u${request % USERS}`);
      expect(text).toContain('itemList');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  for (const version of ['v2', 'v3']) {
    await parts.train(version, { itemIds: [`new-in-${version}`, ...itemIds] });
    await parts.deploy(version);
    await eventually(async () => expect(await servedVersion()).toBe(versionArn(version)));
  }
  asking = false;
  await clients;
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(CLIENTS);
}, 60_000);

test('after a switch the users of the model before are known already', async () => {
  for (let user = 0; user < USERS; user++) await ask(`u${user}`);
  await parts.train('v4', { itemIds });
  await parts.deploy('v4');
  await eventually(async () => expect(await servedVersion()).toBe(versionArn('v4')));
  const before = await recomputed();
  for (let user = 0; user < USERS; user++) await ask(`u${user}`);
  await expect(recomputed()).resolves.toBe(before);
}, 30_000);

async function ask(user: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${http.port}/recommendations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ campaignArn: CAMPAIGN_ARN, userId: user }),
  });
  return { status: response.status, text: await response.text() };
}

async function recomputed(): Promise<number> {
  const text = await metrics.getSingleMetricAsString('attune_inference_rankings_total');
  return Number(/source="recomputed"\} (\d+)/.exec(text)?.[1] ?? 0);
}
