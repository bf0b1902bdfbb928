import { speakRestJson } from '@attune/aws';
import { topics } from '@attune/bus';
import { upsertItems, upsertUserProfiles } from '@attune/database';
import { itemId, userId } from '@attune/domain';
import { RecommendationsServiceClient } from '@attune/proto';
import { type GrpcServer, type HttpServer, Registry, startGrpcServer, startHttpServer } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions } from '@attune/session';
import { eventually } from '@attune/testing';
import { credentials } from '@grpc/grpc-js';
import type { Explanation } from './explain';
import { type Inference, startInference } from './startInference';
import { CAMPAIGN_ARN, openTestParts, shop, type TestParts } from './testParts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

let parts: TestParts;
let inference: Inference;
let http: HttpServer;
let grpc: GrpcServer;
let client: RecommendationsServiceClient;

beforeAll(async () => {
  parts = await openTestParts(() => NOW);
  const metrics = new Registry();
  await upsertUserProfiles(parts.database, shop, [
    { userId: userId('fan'), metadata: { LIKES: 'd' } },
    { userId: userId('two'), metadata: { LIKES: 'b|c' } },
  ]);
  await parts.train('v1', { itemIds: ['a', 'b', 'c', 'd'], features: true });
  await parts.deploy('v1');
  const sessions = inMemorySessions();
  inference = await startInference({
    ...parts,
    sessions,
    statistics: inMemoryItemStatistics(),
    metrics,
    now: () => Date.now(),
  });
  http = await startHttpServer({
    port: 0,
    logger: parts.logger,
    metrics,
    configure: speakRestJson,
    routes: [inference.routes],
    health: async () => inference.health(),
  });
  grpc = await startGrpcServer({ port: 0, logger: parts.logger, metrics, services: [inference.grpc] });
  client = new RecommendationsServiceClient(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
}, 60_000);

afterAll(async () => {
  client.close();
  await grpc.stop();
  await http.stop();
  await inference.stop();
  await parts.close();
});

async function post(path: string, request: object): Promise<{ itemId: string; score?: number }[]> {
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ campaignArn: CAMPAIGN_ARN, ...request }),
  });
  expect(response.status).toBe(200);
  const answer = (await response.json()) as Record<string, { itemId: string; score?: number }[]>;
  return answer.itemList ?? answer.personalizedRanking ?? [];
}

const list = async (request: object) => (await post('/recommendations', request)).map((item) => item.itemId);

test('someone without a history gets the popular', async () => {
  await expect(list({ userId: 'nobody' })).resolves.toEqual(['a', 'b', 'c', 'd']);
});

test('what is known of a user without a history sharpens it', async () => {
  await expect(list({ userId: 'fan' })).resolves.toEqual(['d', 'a', 'b', 'c']);
  expect((await list({ userId: 'two' })).slice(0, 2)).toEqual(['b', 'c']);
});

test('and so does the context of a request, by the name of the column or of the property', async () => {
  expect((await list({ context: { PLACE_NAME: 'c' } }))[0]).toBe('c');
  expect((await list({ context: { placeName: 'd' } }))[0]).toBe('d');
  await expect(list({ context: { PLACE_NAME: 'nowhere', WEATHER: 'rain' } })).resolves.toEqual(['a', 'b', 'c', 'd']);
});

test('a given list is put in order by both', async () => {
  const ranked = (request: object) => post('/personalize-ranking', { inputList: ['a', 'b', 'c', 'd'], ...request });
  expect((await ranked({ userId: 'fan' }))[0]?.itemId).toBe('d');
  expect((await ranked({ userId: 'nobody', context: { PLACE_NAME: 'b' } }))[0]?.itemId).toBe('b');
});

test('gRPC takes a context, too', async () => {
  const request = {
    campaignArn: CAMPAIGN_ARN,
    userId: '',
    numResults: 1,
    metadataColumns: [],
    context: { PLACE_NAME: 'c' },
  };
  const first = await new Promise((resolve, reject) => {
    client.getRecommendations(request, (error, answer) => (error ? reject(error) : resolve(answer.items[0]?.itemId)));
  });
  expect(first).toBe('c');
});

test('an explanation tells what of who asks carried the score', async () => {
  const response = await fetch(`http://127.0.0.1:${http.port}/explanations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ campaignArn: CAMPAIGN_ARN, userId: 'fan', itemId: 'd', context: { PLACE_NAME: 'a' } }),
  });
  const { parts: carried, events } = (await response.json()) as Explanation;
  expect(events).toEqual([]);
  const part = (name: string) => carried.find((each) => each.name === name)?.contribution;
  // Nine times the unit vector of d, less what is expected of an item anyway.
  expect(part('USER.LIKES')).toBeGreaterThan(0);
  expect(part('CONTEXT.placeName')).toBeLessThan(0);
});

test('an item that comes after the training is ranked by its metadata within seconds', async () => {
  const ranked = () => post('/personalize-ranking', { inputList: ['a', 'new'], userId: 'fan' });
  expect((await ranked()).find((item) => item.itemId === 'new')?.score).toBeUndefined();
  await upsertItems(parts.database, shop, [{ itemId: itemId('new'), metadata: { LIKE: 'd' } }], true);
  const notice = { datasetGroup: shop, kind: 'items' as const, changedAt: NOW };
  await parts.bus.publish(topics.catalog, [{ key: shop, value: notice }]);
  await eventually(async () => expect((await ranked())[0]).toMatchObject({ itemId: 'new', score: expect.any(Number) }));
}, 20_000);

test('new data of a user counts at the next request', async () => {
  await expect(list({ userId: 'fan' })).resolves.toContain('d');
  await upsertUserProfiles(parts.database, shop, [{ userId: userId('fan'), metadata: { LIKES: 'b' } }], true);
  const notice = { datasetGroup: shop, kind: 'users' as const, changedAt: NOW };
  await parts.bus.publish(topics.catalog, [{ key: shop, value: notice }]);
  await eventually(async () => expect((await list({ userId: 'fan' }))[0]).toBe('b'));
}, 20_000);
