import { topics } from '@attune/bus';
import { FULL_ACCESS, itemId, userId } from '@attune/domain';
import { Registry } from '@attune/service';
import { eventually } from '@attune/testing';
import { createInferenceMetrics } from './inferenceMetrics';
import { ItemCatalog } from './itemCatalog';
import { ModelRegistry } from './modelRegistry';
import { artifactUri, CAMPAIGN_ARN, openTestParts, shop, type TestParts, versionArn } from './testParts';

const clock = { now: 1_000_000 };
const itemIds = ['a', 'b', 'c'];
let parts: TestParts;
let metrics: Registry;
let registry: ModelRegistry;

beforeAll(async () => {
  parts = await openTestParts(() => clock.now);
  metrics = new Registry();
  registry = new ModelRegistry({
    ...parts,
    catalog: new ItemCatalog(parts.database),
    now: () => clock.now,
    metrics: createInferenceMetrics(metrics),
    refreshIntervalMs: 10,
  });
  await registry.start();
});

afterAll(async () => {
  await registry.stop();
  await parts.close();
});

async function servedVersion(): Promise<string> {
  return (await registry.campaign(CAMPAIGN_ARN, FULL_ACCESS)).solutionVersionArn;
}

/** Waits until the campaign serves this version. */
async function untilServed(version: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while ((await servedVersion()) !== versionArn(version)) {
    if (Date.now() > deadline) throw new Error(`${version} is not served: ${await servedVersion()} is`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function publishNotice(version: string): Promise<void> {
  const value = {
    datasetGroup: shop,
    solutionVersionArn: versionArn(version),
    artifactUri: artifactUri(version),
    trainedAt: clock.now,
  };
  await parts.bus.publish(topics.models, [{ key: shop, value }]);
}

// The tests tell one campaign's life, in order.

test('a campaign that does not exist is not found', async () => {
  await expect(registry.campaign(CAMPAIGN_ARN, FULL_ACCESS)).rejects.toThrow(`There is no campaign ${CAMPAIGN_ARN}.`);
});

test('a campaign without a trained version is not active, and the server is healthy', async () => {
  await parts.deploy(undefined);
  await expect(registry.campaign(CAMPAIGN_ARN, FULL_ACCESS)).rejects.toMatchObject({ code: 'NotReady' });
  await expect(registry.campaign(CAMPAIGN_ARN, FULL_ACCESS)).rejects.toThrow('is not trained yet');
  expect(registry.health().missing).toEqual([]);
});

test('a request finds the first model at once', async () => {
  await parts.train('v1', { itemIds });
  await parts.deploy('v1');
  expect(await servedVersion()).toBe(versionArn('v1'));
  expect(registry.health().details).toEqual({ campaigns: { [CAMPAIGN_ARN]: versionArn('v1') } });
});

test('a new version is switched to when the campaign points to it', async () => {
  await parts.train('v2', { itemIds });
  await parts.deploy('v2');
  await untilServed('v2');
  expect(await metrics.metrics()).toMatch(/attune_inference_model_info\{[^}]*solution_version="[^"]*\/v2"\} 1/);
  expect(await metrics.metrics()).not.toMatch(/solution_version="[^"]*\/v1"/);
});

test('a broken artifact leaves the old model serving, and raises the gauge', async () => {
  await parts.train('v3', { itemIds });
  await parts.objects.put(`${artifactUri('v3')}/model.safetensors`, new Uint8Array([1, 2, 3]));
  await parts.deploy('v3');
  const deadline = Date.now() + 5_000;
  while (!/attune_inference_model_broken\{[^}]*\} 1/.test(await metrics.metrics())) {
    expect(Date.now()).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await servedVersion()).toBe(versionArn('v2'));
});

test('a notice makes it try again, and the mended artifact is served', async () => {
  const whole = await parts.objects.get(`${artifactUri('v2')}/model.safetensors`);
  await parts.objects.put(`${artifactUri('v3')}/model.safetensors`, whole);
  await publishNotice('v3');
  await untilServed('v3');
  expect(await metrics.metrics()).toMatch(/attune_inference_model_broken\{[^}]*\} 0/);
});

test('an artifact that is not there is tried again after a minute', async () => {
  await parts.activate('v4');
  await parts.deploy('v4');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await servedVersion()).toBe(versionArn('v3'));
  for (const name of ['model.safetensors', 'items.jsonl', 'manifest.json']) {
    await parts.objects.put(`${artifactUri('v4')}/${name}`, await parts.objects.get(`${artifactUri('v3')}/${name}`));
  }
  clock.now += 60_001;
  await untilServed('v4');
});

describe('a catalogue beyond the exact limit', () => {
  const user = userId('u');
  const history = { events: [{ itemId: itemId('b'), eventType: 'click', timestamp: 0 }], items: [], revision: '1' };
  let indexed: ModelRegistry;
  beforeAll(async () => {
    indexed = new ModelRegistry({
      ...parts,
      catalog: new ItemCatalog(parts.database),
      now: () => clock.now,
      metrics: createInferenceMetrics(new Registry()),
      refreshIntervalMs: 10,
      mostExactItems: 2,
    });
    await indexed.start();
  });
  afterAll(() => indexed.stop());

  const rank = async () => {
    const { solutionVersionArn, ranker } = await indexed.campaign(CAMPAIGN_ARN, FULL_ACCESS);
    return { solutionVersionArn, ranking: await ranker.rank(user, history, 3) };
  };

  test('is served at once, whether or not its index is built yet, and a next model follows', async () => {
    const exact = await (await registry.campaign(CAMPAIGN_ARN, FULL_ACCESS)).ranker.rank(user, history, 3);
    expect((await rank()).ranking?.candidates[0]).toEqual(exact!.candidates[0]);
    await parts.train('v5', { itemIds });
    await parts.deploy('v5');
    await eventually(async () => expect((await rank()).solutionVersionArn).toBe(versionArn('v5')));
    const { candidates } = (await rank()).ranking!;
    expect(candidates.map((candidate) => candidate.itemId)).toEqual(exact!.candidates.map(({ itemId: id }) => id));
    for (const [place, { score }] of candidates.entries()) {
      expect(score).toBeCloseTo(exact!.candidates[place]!.score, 5);
    }
  });
});
