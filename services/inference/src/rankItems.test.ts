import { speakRestJson } from '@attune/aws';
import { topics } from '@attune/bus';
import { importInteractions, upsertItems } from '@attune/database';
import { itemId, type Slate, userId } from '@attune/domain';
import { type GetPersonalizedRankingResponse, RecommendationsServiceClient } from '@attune/proto';
import { type GrpcServer, type HttpServer, Registry, startGrpcServer, startHttpServer } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions } from '@attune/session';
import { eventually } from '@attune/testing';
import { credentials, status } from '@grpc/grpc-js';
import { type Inference, startInference } from './startInference';
import { CAMPAIGN_ARN, openTestParts, shop, type TestParts, versionArn } from './testParts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
/** Whoever touched an item is given the next one first, then the popular: those that come first here. */
const itemIds = ['i0', 'i1', 'i2', 'i3', 'i4', 'i5'];

const slates: Slate[] = [];
const metrics = new Registry();
let parts: TestParts;
let inference: Inference;
let http: HttpServer;
let grpc: GrpcServer;
let client: RecommendationsServiceClient;

beforeAll(async () => {
  parts = await openTestParts(() => NOW);
  const { database, bus, logger } = parts;
  const click = { userId: userId('ann'), itemId: itemId('i2'), eventType: 'click', timestamp: NOW };
  await importInteractions(database, shop, [click]);
  await upsertItems(database, shop, [{ itemId: itemId('i3'), metadata: { TITLE: 'Three' } }]);
  await parts.train('v1', { itemIds });
  await parts.deploy('v1');
  await bus.follow(topics.slates, {
    from: 'beginning',
    onBatch: async ({ messages }) => void slates.push(...messages.map(({ value }) => value)),
  });
  const [sessions, statistics] = [inMemorySessions(), inMemoryItemStatistics()];
  inference = await startInference({ ...parts, sessions, statistics, metrics, now: () => NOW });
  const routes = [inference.routes];
  const health = async () => inference.health();
  http = await startHttpServer({ port: 0, logger, metrics, configure: speakRestJson, routes, health });
  grpc = await startGrpcServer({ port: 0, logger, metrics, services: [inference.grpc] });
  client = new RecommendationsServiceClient(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  await grpc.stop();
  await http.stop();
  await inference.stop();
  await parts.close();
});

interface Answer {
  recommendationId: string;
  personalizedRanking: { itemId: string; score?: number; metadata?: Record<string, string> }[];
}

async function post(body: object, path = '/personalize-ranking') {
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { response, body: (await response.json()) as Answer & { message?: string } };
}

const rank = (body: object) => post({ campaignArn: CAMPAIGN_ARN, userId: 'ann', inputList: ['i4', 'i3'], ...body });
const order = ({ body }: { body: Answer }) => body.personalizedRanking.map((item) => item.itemId);

test("items come in the order of the model's scores for the user, those it does not know at the end", async () => {
  const answer = await rank({ inputList: ['new-b', 'i5', 'i0', 'new-a', 'i3'] });
  expect(answer.response.status).toBe(200);
  expect(order(answer)).toEqual(['i3', 'i0', 'i5', 'new-b', 'new-a']);
  const scores = answer.body.personalizedRanking.map(({ score }) => score);
  expect(scores.slice(0, 3)).toEqual(scores.slice(0, 3).toSorted((a, b) => b! - a!));
  expect(scores.slice(3)).toEqual([undefined, undefined]);
});

test('what the user has touched is ranked, too', async () => {
  expect(order(await rank({ inputList: ['i2', 'i3'] }))).toEqual(['i3', 'i2']);
});

test('an unknown user gets them by popularity', async () => {
  expect(order(await rank({ userId: 'nobody', inputList: ['i3', 'i5', 'i1'] }))).toEqual(['i1', 'i3', 'i5']);
});

test('metadata is there where it is asked for', async () => {
  const { body } = await rank({ metadataColumns: { ITEMS: ['TITLE'] } });
  expect(body.personalizedRanking[0]).toMatchObject({ itemId: 'i3', metadata: { TITLE: 'Three' } });
});

test('a ranking is published as a slate', async () => {
  const { body } = await rank({ inputList: ['unknown', 'i3'] });
  const slate = await eventually(() => {
    const published = slates.find(({ recommendationId }) => recommendationId === body.recommendationId);
    expect(published).toBeDefined();
    return published!;
  });
  expect(slate).toMatchObject({ campaignArn: CAMPAIGN_ARN, solutionVersionArn: versionArn('v1'), userId: 'ann' });
  expect(slate.slots).toMatchObject([
    { itemId: 'i3', score: body.personalizedRanking[0]!.score, propensity: 1 },
    { itemId: 'unknown', score: 0, propensity: 1 },
  ]);
});

const many = (count: number) => Array.from({ length: count }, (_, index) => `i${index}`);

test.each([
  ['no items', { inputList: [] }, 400, 'inputList'],
  ['501 items', { inputList: many(501) }, 400, 'less than or equal to 500'],
  ['51 items with metadata', { inputList: many(51), metadataColumns: { ITEMS: ['TITLE'] } }, 400, '50 where metadata'],
  ['an item twice', { inputList: ['i1', 'i2', 'i1'] }, 400, 'unique'],
  ['no user', { userId: undefined }, 400, 'userId'],
  ['a filter', { filterArn: 'arn:aws:personalize:us-east-1:000000000000:filter/f' }, 400, 'filterArn'],
  ['an unknown campaign', { campaignArn: `${CAMPAIGN_ARN}-2` }, 404, 'There is no campaign'],
])('%s is refused', async (_, settings, statusCode, words) => {
  const { response, body } = await rank(settings);
  expect(response.status).toBe(statusCode);
  expect(body.message).toContain(words);
});

test('500 items are ranked', async () => {
  expect(order(await rank({ inputList: many(500) }))).toHaveLength(500);
});

test('actions are outside of this project, and say so', async () => {
  const { response, body } = await post({ campaignArn: CAMPAIGN_ARN, userId: 'ann' }, '/action-recommendations');
  expect(response.status).toBe(400);
  expect(body.message).toContain('actions are outside of this project');
});

test('gRPC gives the same, and names its own fields', async () => {
  const call = (ids: string[]) =>
    new Promise<GetPersonalizedRankingResponse>((resolve, reject) => {
      const request = { campaignArn: CAMPAIGN_ARN, userId: 'ann', itemIds: ids, metadataColumns: [], context: {} };
      client.getPersonalizedRanking(request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  const { items, solutionVersionArn, historyLength } = await call(['new', 'i0', 'i3']);
  expect(items.map((item) => item.itemId)).toEqual(['i3', 'i0', 'new']);
  expect(items[2]!.score).toBeUndefined();
  expect({ solutionVersionArn, historyLength }).toEqual({ solutionVersionArn: versionArn('v1'), historyLength: 1 });
  const refusal = { code: status.INVALID_ARGUMENT, details: expect.stringContaining('item_ids') };
  await expect(call([])).rejects.toMatchObject(refusal);
});
