import { topics } from '@attune/bus';
import { type Campaign, findCampaign, updateCampaign, upsertItems } from '@attune/database';
import { eventId, itemId, type Slate, userId } from '@attune/domain';
import { fillSlate } from '@attune/exploration';
import { type GetRecommendationsResponse, RecommendationsServiceClient } from '@attune/proto';
import { type GrpcServer, Registry, startGrpcServer } from '@attune/service';
import { inMemoryItemStatistics, inMemorySessions, popularityWeight } from '@attune/session';
import { eventually } from '@attune/testing';
import { credentials } from '@grpc/grpc-js';
import { type Inference, startInference } from './startInference';
import { CAMPAIGN_ARN, openTestParts, shop, type TestParts } from './testParts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const DAY = 24 * 3600 * 1000;
const itemIds = Array.from({ length: 20 }, (_, index) => `i${index}`);

const sessions = inMemorySessions();
const statistics = inMemoryItemStatistics();
const metrics = new Registry();
const slates: Slate[] = [];
let parts: TestParts;
let inference: Inference;
let grpc: GrpcServer;
let client: RecommendationsServiceClient;
let offset = 0;

beforeAll(async () => {
  parts = await openTestParts(() => NOW);
  await statistics.replace(
    shop,
    new Map(),
    itemIds.map((id, index) => ({
      itemId: itemId(id),
      interactions: 30 - index,
      popularity: (30 - index) * popularityWeight(NOW),
      impressions: 0,
      impressionWeight: 0,
      clickWeight: 0,
      // Nothing tells when they were created; i18 and i19 are new by their first interaction.
      firstInteraction: NOW - (index < 18 ? 300 : 20) * DAY,
      lastInteraction: NOW,
    })),
  );
  await parts.train('v1', { itemIds });
  await parts.deploy('v1', {}, { explorationWeight: '0.5' });
  await parts.bus.follow(topics.slates, {
    from: 'beginning',
    onBatch: async ({ messages }) => void slates.push(...messages.map(({ value }) => value)),
  });
  inference = await startInference({ ...parts, sessions, statistics, metrics, now: Date.now });
  const services = [inference.grpc];
  grpc = await startGrpcServer({ port: 0, logger: parts.logger, metrics, services });
  client = new RecommendationsServiceClient(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
  await click('ann', 'i0');
});

afterAll(async () => {
  client.close();
  await grpc.stop();
  await inference.stop();
  await parts.close();
});

async function click(user: string, item: string): Promise<void> {
  const event = { eventId: eventId(`${user}-${item}`), eventType: 'click', itemId: itemId(item), timestamp: NOW };
  await sessions.apply(
    [{ owner: { datasetGroup: shop, historyKey: userId(user) }, events: [{ ...event, offset: ++offset }] }],
    async () => [],
  );
}

function recommend(user = 'ann', includePropensities = true, numResults = 10): Promise<GetRecommendationsResponse> {
  const request = {
    campaignArn: CAMPAIGN_ARN,
    userId: user,
    numResults,
    metadataColumns: [],
    context: {},
    includePropensities,
  };
  return new Promise((resolve, reject) => {
    client.getRecommendations(request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** Explores with these settings from now on. */
async function configure(itemExplorationConfig: Record<string, string>): Promise<void> {
  const campaign = (await findCampaign(parts.database, CAMPAIGN_ARN)) as Campaign;
  const config = { ...campaign.config, itemExplorationConfig };
  await updateCampaign(parts.database, CAMPAIGN_ARN, { ...campaign, config, latestUpdate: {} }, NOW);
}

/** What exploration drew in some lists, how often each. */
async function explored(lists = 30, user = 'ann', numResults = 10): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let list = 0; list < lists; list++) {
    for (const { itemId: id, reason } of (await recommend(user, false, numResults)).items) {
      if (reason.includes('Exploration')) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

async function logged(recommendationId: string): Promise<Slate> {
  await eventually(async () => expect(slates.map((slate) => slate.recommendationId)).toContain(recommendationId));
  return slates.find((slate) => slate.recommendationId === recommendationId)!;
}

test('new items are explored, say so, and are the only ones', async () => {
  expect([...(await explored()).keys()].toSorted()).toEqual(['i18', 'i19']);
});

test('the log holds all that it takes to fill the list again', async () => {
  for (const user of ['ann', 'nobody knows me']) {
    const list = await recommend(user);
    const { relevant, pool, policy, slots, kind } = await logged(list.recommendationId);
    expect(kind).toBe('recommendations');
    expect(policy).toMatchObject({ explorationWeight: 0.5, seed: list.recommendationId });
    expect(fillSlate({ ranked: relevant, pool, size: 10, policy })).toEqual(slots);
    expect(slots.map((slot) => slot.propensity)).toEqual(list.items.map((item) => item.propensity));
    expect(list.exploredShare).toBeCloseTo(slots.filter((slot) => slot.explored).length / 10, 10);
  }
});

test('propensities are told only where they are asked for', async () => {
  const { items, exploredShare } = await recommend('ann', false);
  expect(items.map((item) => item.propensity)).toEqual(new Array(10).fill(undefined));
  expect(exploredShare).toBeUndefined();
});

test('an item that is put is explored within seconds, before any training knows it', async () => {
  await upsertItems(parts.database, shop, [
    { itemId: itemId('put'), createdAt: NOW, metadata: { TITLE: 'New' } },
    { itemId: itemId('undated'), metadata: {} },
    { itemId: itemId('old'), createdAt: NOW - 400 * DAY, metadata: {} },
  ]);
  await parts.bus.publish(topics.catalog, [
    { key: shop, value: { datasetGroup: shop, kind: 'items', changedAt: NOW } },
  ]);
  await eventually(async () =>
    expect([...(await explored(5)).keys()]).toEqual(expect.arrayContaining(['put', 'undated'])),
  );
  expect((await explored()).has('old')).toBe(false);
});

test('a user is not shown again what exploration has shown and the user has touched', async () => {
  await click('bob', 'i3');
  await click('bob', 'put');
  const drawn = await explored(30, 'bob');
  expect(drawn.has('put')).toBe(false);
  expect(drawn.has('undated')).toBe(true);
});

test('impressions without clicks make an item less explored, within a second', async () => {
  const observation = { itemId: itemId('put'), timestamp: NOW } as const;
  const seen = Array.from({ length: 300 }, () => ({ ...observation, kind: 'impression' as const, offset: 1 }));
  const other = { itemId: itemId('undated'), timestamp: NOW, offset: 1 } as const;
  const liked = Array.from({ length: 30 }, () => [
    { ...other, kind: 'impression' as const },
    { ...other, kind: 'click' as const },
  ]).flat();
  await statistics.add(shop, 9, [...seen, ...liked]);
  await eventually(async () => {
    // In longer lists each item of so small a pool has its turn.
    const drawn = await explored(60, 'ann', 1);
    expect(drawn.get('undated') ?? 0).toBeGreaterThan(10 + 10 * (drawn.get('put') ?? 0));
  });
});

test('weight 0 is pure relevance, byte for byte, as soon as the campaign says so, and the model stays', async () => {
  await configure({ explorationWeight: '0' });
  await eventually(async () => expect((await recommend()).exploredShare).toBe(0));
  const list = await recommend();
  const { policy, relevant, pool } = await logged(list.recommendationId);
  expect([policy.explorationWeight, pool]).toEqual([0, []]);
  const again = await recommend();
  expect(JSON.stringify(again.items)).toBe(JSON.stringify(list.items));
  expect(list.items).toEqual(relevant.map((item) => ({ ...item, reason: [], metadata: {}, propensity: 1 })));
  expect(await metrics.metrics()).toMatch(/attune_inference_rankings_total\{source="cached"\} \d/);
});

test('the cut-off and the promise are changed the same way, and a gauge tells who is behind', async () => {
  await configure({
    explorationWeight: '1',
    explorationItemAgeCutOff: '10',
    exposureImpressions: '50',
    exposureHours: '48',
  });
  await eventually(async () => {
    const drawn = await explored(5);
    expect([drawn.has('i18'), drawn.has('put')]).toEqual([false, true]);
  });
  const told = await metrics.metrics();
  // What was put has its 50 impressions and more; the item without a date has 30.
  expect(told).toMatch(/attune_inference_exposure_items\{campaign="[^"]+",state="behind"\} 0/);
  expect(told).toMatch(/attune_inference_exploration_items\{campaign="[^"]+"\} 2/);
  await configure({ explorationWeight: '1', explorationItemAgeCutOff: '10', exposureImpressions: '1000' });
  await eventually(async () =>
    expect(await metrics.metrics()).toMatch(/attune_inference_exposure_items\{campaign="[^"]+",state="behind"\} 1/),
  );
});

test('shares, coverage and entropy are told by campaign', async () => {
  const told = await metrics.metrics();
  for (const name of ['slots_total', 'new_item_slots_total', 'shown_coverage', 'shown_entropy_bits']) {
    expect(told).toMatch(new RegExp(`attune_inference_${name}\\{campaign="[^"]+"[^}]*\\} [0-9.]*[1-9]`));
  }
});
