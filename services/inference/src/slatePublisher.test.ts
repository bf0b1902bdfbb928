import type { Bus } from '@attune/bus';
import { datasetGroupName, itemId, recommendationId, type Slate, UnavailableError } from '@attune/domain';
import { createLogger, Registry } from '@attune/service';
import { createInferenceMetrics } from './inferenceMetrics';
import { SlatePublisher } from './slatePublisher';

const slate = (id: number): Slate => ({
  datasetGroup: datasetGroupName('shop'),
  recommendationId: recommendationId(`RID-${id}`),
  campaignArn: 'arn:aws:personalize:us-east-1:0:campaign/c',
  solutionVersionArn: 'arn:aws:personalize:us-east-1:0:solution/s/1',
  servedAt: 1,
  kind: 'recommendations',
  policy: {
    version: 'slot-softmax-1',
    explorationWeight: 0,
    explorationItemAgeCutOff: 30,
    seed: `RID-${id}`,
    exposureImpressions: 0,
    exposureHours: 24,
  },
  relevant: [{ itemId: itemId('a'), score: 1 }],
  pool: [],
  poolEligible: 0,
  clickRate: 0,
  slots: [{ itemId: itemId('a'), score: 1, propensity: 1, explored: false }],
  degraded: false,
});

/** A publisher on a bus that takes or refuses batches as a test says. */
function publisherOn(publish: () => Promise<void>) {
  const batches: string[][] = [];
  const logged: string[] = [];
  const registry = new Registry();
  const bus: Pick<Bus, 'publish'> = {
    publish: async (_topic, messages) => {
      await publish();
      batches.push(messages.map(({ key }) => key));
    },
  };
  const logger = createLogger({ service: 'test', destination: { write: (line: string) => void logged.push(line) } });
  const publisher = new SlatePublisher({ bus, logger, metrics: createInferenceMetrics(registry) });
  const counted = async (outcome: string) => {
    const { values } = await registry.getSingleMetric('attune_inference_slates_total')!.get();
    return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
  };
  return { publisher, batches, logged, counted };
}

test('slates of one moment travel in batches, in order, and a stop waits for them', async () => {
  const { publisher, batches, counted } = publisherOn(async () => {});
  for (let id = 0; id < 250; id += 1) publisher.add(slate(id));
  await publisher.stop();
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
  expect(batches.flat()).toEqual(Array.from({ length: 250 }, (_, id) => `RID-${id}`));
  expect(await counted('published')).toBe(250);
});

describe('while the bus takes none', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const refused = () => Promise.reject(new UnavailableError('the bus is away'));

  test('slates wait and are published when it is back', async () => {
    let away = true;
    const { publisher, batches, logged, counted } = publisherOn(async () => (away ? refused() : undefined));
    publisher.add(slate(1));
    await jest.advanceTimersByTimeAsync(1_500);
    expect(logged.join('')).toContain('slates not published yet');
    away = false;
    await jest.advanceTimersByTimeAsync(1_500);
    expect(batches).toEqual([['RID-1']]);
    expect(await counted('lost')).toBe(0);
  });

  test('what does not fit the queue is counted as lost, and said once', async () => {
    const { publisher, logged, counted } = publisherOn(refused);
    for (let id = 0; id < 10_005; id += 1) publisher.add(slate(id));
    expect(await counted('lost')).toBe(5);
    expect(logged.filter((line) => line.includes('slates are being lost'))).toHaveLength(1);
    const stopped = publisher.stop();
    await jest.advanceTimersByTimeAsync(10_000);
    await stopped;
    expect(await counted('lost')).toBe(10_005);
  });
});
