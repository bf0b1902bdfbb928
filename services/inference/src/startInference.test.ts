import { speakRestJson } from '@attune/aws';
import { topics } from '@attune/bus';
import { type Database, importInteractions, upsertItems } from '@attune/database';
import { eventId, itemId, type Slate, userId } from '@attune/domain';
import {
  type ExplainRecommendationRequest,
  type ExplainRecommendationResponse,
  type GetRecommendationsRequest,
  type GetRecommendationsResponse,
  RecommendationsServiceClient,
} from '@attune/proto';
import { type GrpcServer, type HttpServer, Registry, startGrpcServer, startHttpServer } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions, popularityWeight } from '@attune/session';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { breakable } from './breakable.fixture';
import type { Explanation } from './explain';
import { type Inference, startInference } from './startInference';
import { CAMPAIGN_ARN, openTestParts, shop, type TestParts, versionArn } from './testParts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const DAY = 24 * 3600 * 1000;
const itemIds = ['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7'];

const sessions = inMemorySessions();
const statistics = inMemoryItemStatistics();
const clock = { now: NOW };
const stores = { sessions: breakable(sessions), statistics: breakable(statistics) };
let archive: ReturnType<typeof breakable<Database>>;
const slates: Slate[] = [];
const metrics = new Registry();
let parts: TestParts;
let inference: Inference;
let http: HttpServer;
let grpc: GrpcServer;
let client: RecommendationsServiceClient;

beforeAll(async () => {
  parts = await openTestParts(() => NOW);
  const { database, bus } = parts;
  const click = (user: string, item: string, timestamp: number) => ({
    userId: userId(user),
    itemId: itemId(item),
    eventType: 'click',
    timestamp,
  });
  await importInteractions(database, shop, [
    click('archived', 'i1', NOW - 2 * DAY),
    click('archived', 'i2', NOW - DAY),
  ]);
  await upsertItems(database, shop, [
    { itemId: itemId('i0'), metadata: { TITLE: 'Zero', YEAR: 1999 } },
    { itemId: itemId('i1'), metadata: { TITLE: 'One' } },
  ]);
  await statistics.replace(
    shop,
    new Map(),
    itemIds.map((id, index) => ({
      itemId: itemId(id),
      interactions: 10 - index,
      popularity: (10 - index) * popularityWeight(NOW),
      impressions: 0,
      impressionWeight: 0,
      clickWeight: 0,
      firstInteraction: index === 7 ? NOW - DAY : NOW - 300 * DAY,
      lastInteraction: NOW,
    })),
  );
  await parts.train('v1', { itemIds });
  await parts.deploy('v1');
  await bus.follow(topics.slates, {
    from: 'beginning',
    onBatch: async ({ messages }) => void slates.push(...messages.map(({ value }) => value)),
  });
  archive = breakable(database);
  inference = await startInference({
    ...parts,
    database: archive.store,
    sessions: stores.sessions.store,
    statistics: stores.statistics.store,
    metrics,
    now: () => clock.now,
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
});

afterAll(async () => {
  client.close();
  await grpc.stop();
  await http.stop();
  await inference.stop();
  await parts.close();
});

function post(body: object, path = '/recommendations'): Promise<Response> {
  return fetch(`http://127.0.0.1:${http.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

interface HttpAnswer {
  recommendationId: string;
  itemList: { itemId: string; score: number; reason?: string[]; metadata?: Record<string, string> }[];
}

async function overHttp(request: object): Promise<HttpAnswer> {
  const response = await post({ campaignArn: CAMPAIGN_ARN, ...request });
  expect(response.status).toBe(200);
  return (await response.json()) as HttpAnswer;
}

const grpcRequest = { campaignArn: CAMPAIGN_ARN, userId: '', numResults: 0, metadataColumns: [], context: {} };

function overGrpc(request: Partial<GetRecommendationsRequest>): Promise<GetRecommendationsResponse> {
  return new Promise((resolve, reject) => {
    client.getRecommendations({ ...grpcRequest, ...request }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
}

async function click(user: string, item: string, timestamp = NOW): Promise<void> {
  const owner = { datasetGroup: shop, historyKey: userId(user) };
  const event = {
    eventId: eventId(`${user}-${item}-${timestamp}`),
    eventType: 'click',
    itemId: itemId(item),
    timestamp,
  };
  await sessions.apply([{ owner, events: [event] }], async () => []);
}

async function counted(metric: string, source: string): Promise<number> {
  const { values } = await metrics.getSingleMetric(metric)!.get();
  return values.find(({ labels }) => labels.source === source)?.value ?? 0;
}

test('the next list follows a click', async () => {
  await click('ann', 'i3');
  expect((await overHttp({ userId: 'ann' })).itemList[0]?.itemId).toBe('i4');
  await click('ann', 'i5', NOW + 1);
  const { itemList } = await overHttp({ userId: 'ann' });
  expect(itemList[0]?.itemId).toBe('i6');
  expect(itemList.map((item) => item.itemId)).not.toContain('i5');
});

test('both surfaces answer the same list', async () => {
  await click('bob', 'i1');
  const viaHttp = await overHttp({ userId: 'bob', numResults: 3 });
  const viaGrpc = await overGrpc({ userId: 'bob', numResults: 3 });
  expect(viaGrpc.items.map(({ itemId: id, score }) => ({ itemId: id, score }))).toEqual(viaHttp.itemList);
  expect(viaGrpc).toMatchObject({ solutionVersionArn: versionArn('v1'), historyLength: 1 });
  expect(viaHttp.itemList).toHaveLength(3);
  expect(viaHttp.recommendationId).toMatch(/^RID-[0-9a-f-]{36}$/);
  expect(viaHttp.recommendationId).not.toBe(viaGrpc.recommendationId);
});

test('a user who is only in the archive is read from it once, until an event comes', async () => {
  const before = await counted('attune_inference_history_reads_total', 'archive');
  const { items, historyLength } = await overGrpc({ userId: 'archived' });
  expect(items[0]?.itemId).toBe('i3');
  expect(historyLength).toBe(2);
  await overGrpc({ userId: 'archived' });
  expect(await counted('attune_inference_history_reads_total', 'archive')).toBe(before + 1);
  await click('archived', 'i4');
  expect((await overGrpc({ userId: 'archived' })).items[0]?.itemId).toBe('i5');
});

test('an import makes archived histories be read anew', async () => {
  expect((await overGrpc({ userId: 'imported' })).historyLength).toBe(0);
  await importInteractions(parts.database, shop, [
    { userId: userId('imported'), itemId: itemId('i5'), eventType: 'click', timestamp: NOW },
  ]);
  await parts.bus.publish(topics.catalog, [
    { key: shop, value: { datasetGroup: shop, kind: 'interactions', changedAt: NOW } },
  ]);
  const deadline = Date.now() + 5_000;
  while ((await overGrpc({ userId: 'imported' })).historyLength === 0) expect(Date.now()).toBeLessThan(deadline);
  expect((await overGrpc({ userId: 'imported' })).items[0]?.itemId).toBe('i6');
});

test.each([
  ['an unknown user', { userId: 'nobody' }],
  ['nobody', {}],
])('%s gets the popular and the fresh, and why', async (_, request) => {
  const { itemList } = await overHttp(request);
  expect(itemList.map((item) => item.itemId)).toEqual(['i0', 'i1', 'i2', 'i3', 'i7', 'i4', 'i5', 'i6']);
  expect(itemList[0]).toMatchObject({ reason: ['Popular item'] });
  expect(itemList[4]).toMatchObject({ reason: ['Fresh item'] });
  // 10 of 10 + 9 + ... + 3 interactions, all of today.
  expect(itemList[0]?.score).toBeCloseTo(10 / 52, 10);
});

test('an item that the model ranked carries no reason', async () => {
  await click('cyd', 'i2');
  expect((await overHttp({ userId: 'cyd' })).itemList[0]).toEqual({ itemId: 'i3', score: expect.any(Number) });
});

test('metadata comes for the columns asked for, where the item has it', async () => {
  const { itemList } = await overHttp({ numResults: 3, metadataColumns: { ITEMS: ['TITLE', 'YEAR'] } });
  expect(itemList.map(({ metadata }) => metadata)).toEqual([
    { TITLE: 'Zero', YEAR: '1999' },
    { TITLE: 'One' },
    undefined,
  ]);
  const { items } = await overGrpc({ numResults: 1, metadataColumns: ['TITLE'] });
  expect(items[0]?.metadata).toEqual({ TITLE: 'Zero' });
});

describe('an explanation', () => {
  const explainOverHttp = async (request: object) => {
    const response = await post({ campaignArn: CAMPAIGN_ARN, ...request }, '/explanations');
    return { status: response.status, body: (await response.json()) as Explanation & { message: string } };
  };
  const explainOverGrpc = (request: Partial<ExplainRecommendationRequest>) =>
    new Promise<ExplainRecommendationResponse>((resolve, reject) => {
      const whole = { campaignArn: CAMPAIGN_ARN, userId: '', itemId: '', context: {}, ...request };
      client.explainRecommendation(whole, (error, response) => (error ? reject(error) : resolve(response)));
    });

  test("gives the list's score, and the event that carried it most comes first", async () => {
    await click('why', 'i5');
    await click('why', 'i2', NOW + 1);
    const { itemList } = await overHttp({ userId: 'why' });
    const { status: code, body } = await explainOverHttp({ userId: 'why', itemId: 'i3' });
    expect(code).toBe(200);
    expect(body).toMatchObject({ itemId: 'i3', solutionVersionArn: versionArn('v1'), historyLength: 2 });
    expect(body.score).toBeCloseTo(itemList.find(({ itemId: id }) => id === 'i3')!.score, 6);
    expect(body.events).toHaveLength(2);
    const [first] = body.events;
    // Nine in ten of those who touch an item of the test model touch the next one.
    expect(first).toMatchObject({ eventId: `why-i2-${NOW + 1}`, itemId: 'i2', eventType: 'click', timestamp: NOW + 1 });
    expect(first!.followed).toBeCloseTo(0.9, 5);
    expect(first!.memory).toBeGreaterThan(0.5);
    expect(first!.contribution).toBeCloseTo(first!.network + first!.memory, 10);
    expect(body.parts.map(({ name }) => name)).toEqual(['POPULARITY', 'REST']);
  });

  test('is the same over gRPC', async () => {
    await click('why too', 'i4');
    const { body } = await explainOverHttp({ userId: 'why too', itemId: 'i5' });
    const { events, score, parts: elsewise, degraded } = await explainOverGrpc({ userId: 'why too', itemId: 'i5' });
    expect(events[0]).toMatchObject({ itemId: 'i4', timestampMs: NOW, contribution: body.events[0]!.contribution });
    expect({ score, parts: elsewise, degraded }).toEqual({ score: body.score, parts: body.parts, degraded: false });
  });

  test('of an unknown user is popularity', async () => {
    const { body } = await explainOverHttp({ itemId: 'i0' });
    expect(body).toMatchObject({ events: [], historyLength: 0 });
    expect(body.parts).toEqual([{ name: 'POPULARITY', contribution: expect.any(Number) }]);
    expect(body.parts[0]!.contribution).toBeGreaterThan(0);
  });

  test.each([
    ['an item that the model does not know', { itemId: 'new' }, 404, 'does not know the item new'],
    ['no item', {}, 400, "at 'itemId'"],
    ['an unknown campaign', { campaignArn: `${CAMPAIGN_ARN}s`, itemId: 'i0' }, 404, 'There is no campaign'],
    ['no campaign', { campaignArn: null, itemId: 'i0' }, 400, "at 'campaignArn'"],
  ])('is refused for %s', async (_, request, code, message) => {
    const { status: answered, body } = await explainOverHttp(request);
    expect(answered).toBe(code);
    expect(body.message).toContain(message);
    const { campaignArn, itemId: item } = { campaignArn: CAMPAIGN_ARN, itemId: '', ...request };
    const viaGrpc = explainOverGrpc({ campaignArn: campaignArn ?? '', itemId: item });
    await expect(viaGrpc).rejects.toMatchObject({ code: code === 404 ? status.NOT_FOUND : status.INVALID_ARGUMENT });
  });
});

test('what was served goes to the slates topic, with its propensities', async () => {
  await click('dan', 'i0');
  const { recommendationId, itemList } = await overHttp({ userId: 'dan', numResults: 2 });
  const deadline = Date.now() + 5_000;
  while (!slates.some((slate) => slate.recommendationId === recommendationId)) {
    expect(Date.now()).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(slates.find((slate) => slate.recommendationId === recommendationId)).toEqual({
    datasetGroup: 'shop',
    recommendationId,
    campaignArn: CAMPAIGN_ARN,
    solutionVersionArn: versionArn('v1'),
    userId: 'dan',
    servedAt: NOW,
    kind: 'recommendations',
    policy: {
      version: 'slot-softmax-1',
      explorationWeight: 0,
      explorationItemAgeCutOff: 30,
      seed: recommendationId,
      exposureImpressions: 0,
      exposureHours: 24,
    },
    relevant: itemList.map(({ itemId: id, score }) => ({ itemId: id, score })),
    pool: [],
    poolEligible: 0,
    clickRate: 0,
    slots: itemList.map(({ itemId: id, score }) => ({ itemId: id, score, propensity: 1, explored: false })),
    degraded: false,
  });
});

test('a context is accepted', async () => {
  await overHttp({ userId: 'ann', context: { DEVICE: 'phone' } });
});

const filterArn = 'arn:aws:personalize:us-east-1:000000000000:filter/new';

test.each([
  ['no campaign', { campaignArn: undefined }, 400, "at 'campaignArn'"],
  ['a campaign that is no ARN', { campaignArn: 'shop' }, 400, "at 'campaignArn'"],
  ['an unknown campaign', { campaignArn: `${CAMPAIGN_ARN}s` }, 404, 'There is no campaign'],
  [
    '501 results',
    { numResults: 501 },
    400,
    "Value '501' at 'numResults' failed to satisfy constraint: Member must have value less than or equal to 500",
  ],
  [
    '51 results with metadata',
    { numResults: 51, metadataColumns: { ITEMS: ['TITLE'] } },
    400,
    'less than or equal to 50 where metadata is asked for',
  ],
  ['a negative size', { numResults: -1 }, 400, "at 'numResults'"],
  ['a user id of 300 characters', { userId: 'u'.repeat(300) }, 400, "at 'userId'"],
  [
    'an unknown column',
    { metadataColumns: { ITEMS: ['PRICE'] } },
    400,
    "Value 'PRICE' at 'metadataColumns' failed to satisfy constraint: Member must name metadata columns of the items: the items have TITLE, YEAR",
  ],
  ['metadata of users', { metadataColumns: { USERS: ['AGE'] } }, 400, 'Member must be ITEMS'],
  ['11 columns', { metadataColumns: { ITEMS: Array(11).fill('TITLE') } }, 400, 'less than or equal to 10'],
  [
    'a filter',
    { filterArn },
    400,
    "at 'filterArn' failed to satisfy constraint: Member is not supported by this version",
  ],
  ['an item', { itemId: 'i1' }, 400, "at 'itemId'"],
  ['promotions', { promotions: [{ filterArn }] }, 400, "at 'promotions'"],
  ['a recommender', { recommenderArn: filterArn }, 400, "at 'recommenderArn'"],
])('refused over HTTP: %s', async (_, request, code, message) => {
  const response = await post({ campaignArn: CAMPAIGN_ARN, ...request });
  expect(response.status).toBe(code);
  const type = code === 404 ? 'ResourceNotFoundException' : 'InvalidInputException';
  expect(response.headers.get('x-amzn-errortype')).toBe(type);
  expect(((await response.json()) as { message: string }).message).toContain(message);
});

test.each([
  ['no campaign', { campaignArn: '' }, status.INVALID_ARGUMENT, "at 'campaign_arn'"],
  ['an unknown campaign', { campaignArn: `${CAMPAIGN_ARN}s` }, status.NOT_FOUND, 'There is no campaign'],
  ['501 results', { numResults: 501 }, status.INVALID_ARGUMENT, "at 'num_results'"],
  ['an unknown column', { metadataColumns: ['PRICE'] }, status.INVALID_ARGUMENT, "at 'metadata_columns'"],
])('refused over gRPC: %s', async (_, request, code, message) => {
  const error = await overGrpc(request).then(
    () => undefined,
    (failure: ServiceError) => failure,
  );
  expect(error?.code).toBe(code);
  expect(error?.details).toContain(message);
});

test('how lists were ranked is counted', async () => {
  const cold = await counted('attune_inference_rankings_total', 'cold');
  const cached = await counted('attune_inference_rankings_total', 'cached');
  await click('eve', 'i0');
  await overGrpc({});
  await overGrpc({ userId: 'eve' });
  await overGrpc({ userId: 'eve' });
  expect(await counted('attune_inference_rankings_total', 'cold')).toBe(cold + 1);
  expect(await counted('attune_inference_rankings_total', 'cached')).toBe(cached + 1);
});

describe('while stores are away', () => {
  afterEach(() => {
    for (const store of [stores.sessions, stores.statistics, archive]) store.away = false;
    clock.now += 10_000;
  });

  const answerFor = async (userId: string) => {
    const response = await post({ campaignArn: CAMPAIGN_ARN, userId });
    const viaGrpc = await overGrpc({ userId });
    expect(response.headers.get('x-attune-degraded')).toBe(viaGrpc.degraded ? 'true' : null);
    return viaGrpc;
  };

  test('nothing is marked while all are there', async () => {
    expect((await answerFor('ann')).degraded).toBe(false);
  });

  test('without user state the history comes from the archive', async () => {
    stores.sessions.away = true;
    expect(await answerFor('archived')).toMatchObject({ degraded: true, historyLength: 2 });
  });

  test('without user state a new event counts as soon as it is archived', async () => {
    stores.sessions.away = true;
    expect((await answerFor('late')).historyLength).toBe(0);
    await importInteractions(parts.database, shop, [
      { userId: userId('late'), itemId: itemId('i5'), eventType: 'click', timestamp: NOW },
    ]);
    clock.now += 1_000;
    expect(await answerFor('late')).toMatchObject({ degraded: true, historyLength: 1 });
  });

  test('without any history the user is treated as unknown', async () => {
    stores.sessions.away = true;
    archive.away = true;
    const { degraded, historyLength, items } = await answerFor('never read');
    expect({ degraded, historyLength }).toEqual({ degraded: true, historyLength: 0 });
    expect(items).toHaveLength(8);
  });

  test('without the database known users are served as ever', async () => {
    await click('erin', 'i3');
    archive.away = true;
    expect(await answerFor('erin')).toMatchObject({ degraded: false, historyLength: 1 });
  });

  test('when a store is back nothing is marked', async () => {
    stores.sessions.away = true;
    await answerFor('ann');
    stores.sessions.away = false;
    clock.now += 1_000;
    expect((await answerFor('ann')).degraded).toBe(false);
  });
});
