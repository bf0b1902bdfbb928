import { type Dataset, DatasetBuilder } from '../data/dataset';
import { catalogueOf } from '../data/itemCatalogue';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { heldOutUsers } from '../data/splits';
import { loadTensorFlow, type TensorFlow } from '../networks/tensorflow';
import { encodeArtifact } from '../serving/artifact';
import type { UpdatableModel } from '../serving/model';
import { popularityDistribution } from '../serving/popularity';
import { Scorer } from '../serving/scorer';
import { parseHyperparameters } from './hyperparameters';
import { train } from './training';
import { carryOver, rankerOfEarlier } from './warmStart';

const SMALL = parseHyperparameters({ hidden_dimension: '32', bptt: '8' });

/**
 * Users walk around a ring of items, four times out of five to the next one on the first day and to the third next on the
 * second, when the ring is larger. Each day is a walk of its own, so that two days are the first with more behind.
 */
function ring({ days, items = 40, users = 120 }: { days: number; items?: number; users?: number }): Dataset {
  const builder = new DatasetBuilder();
  for (let user = 0; user < users; user++) {
    for (let day = 0; day < days; day++) {
      const random = new Random(1000 * user + day);
      const [size, stride] = day === 0 ? [40, 1] : [items, 3];
      let item = Math.floor(random.uniform() * size);
      for (let step = 0; step < 15; step++) {
        builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: day * 86_400_000 + step * 60_000 });
        item = random.uniform() < 0.8 ? (item + stride) % size : Math.floor(random.uniform() * size);
      }
    }
  }
  return builder.build();
}

const yesterday = ring({ days: 1 });
const today = ring({ days: 2, items: 44 });
let tensorflow: TensorFlow;
let base: UpdatableModel;
let update: UpdatableModel;

function trainOn(options: Partial<Parameters<typeof train>[0]>): Promise<UpdatableModel> {
  const now = () => performance.now();
  return train({ dataset: today, tensorflow, hyperparameters: SMALL, seed: 3, codeVersion: 'test', now, ...options });
}

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
  base = await trainOn({ dataset: yesterday });
  update = await trainOn({ base });
}, 120_000);

describe('an update', () => {
  test('takes fewer epochs than its base, and is better on what came since', () => {
    const { learningCurve, metrics } = update.manifest;
    expect(learningCurve.length).toBeLessThan(base.manifest.learningCurve.length);
    const { difference, standardError } = metrics.comparison!;
    expect(difference).toBeGreaterThan(2 * standardError);
  });

  test('ranks items that came since its base', () => {
    const scorer = new Scorer(update);
    const path = ['i34', 'i37', 'i40'].map((id, timestamp) => ({ item: scorer.items.indexOf(id)!, timestamp }));
    const scores = scorer.score(scorer.stateOf(historyOf(path)));
    expect(scorer.items.ids[scores.indexOf(Math.max(...scores))]).toBe('i43');
  });

  test('keeps the hyperparameters and the held-out users of its base, whatever it is given', async () => {
    const other = parseHyperparameters({ hidden_dimension: '64' });
    const again = await trainOn({ base, hyperparameters: other, seed: 77, maxEpochs: 1 });
    const { hyperparameters, seed, testDraw } = base.manifest;
    expect(again.manifest).toMatchObject({ hyperparameters, seed, testDraw, base: base.manifest.trainingWindow });
  }, 60_000);

  test('is the same, byte for byte, when it is made again', async () => {
    const [once, again] = [await trainOn({ base, maxEpochs: 2 }), await trainOn({ base, maxEpochs: 2 })];
    for (const [name, bytes] of encodeArtifact(once)) {
      expect(Buffer.compare(bytes, encodeArtifact(again).get(name)!)).toBe(0);
    }
  }, 60_000);

  test('stands beside its base on the same users', () => {
    const split = heldOutUsers(today, base.manifest.seed, base.manifest.testDraw);
    expect(update.manifest.metrics.cases).toBe(split.test.length);
    const { comparison, model } = update.manifest.metrics;
    const figure = 'normalized_discounted_cumulative_gain_at_10';
    expect(model[figure] - comparison!.before[figure]).toBeCloseTo(comparison!.difference, 10);
  });

  test('a full training is held against another model on the users that neither has seen', async () => {
    const full = await trainOn({ compareWith: base, maxEpochs: 1 });
    const { testDraw, metrics, base: updated } = full.manifest;
    expect(updated).toBeUndefined();
    expect(testDraw).toBe(base.manifest.testDraw);
    expect(metrics.comparison!.before).toEqual(update.manifest.metrics.comparison!.before);
  }, 60_000);
});

describe('the parameters that an update begins with', () => {
  const catalogue = catalogueOf(today);
  const begin = () =>
    carryOver(base.measured, base.items, catalogue, today, popularityDistribution(today, catalogue.ids.length, false));
  const vectorOf = (vectors: Float32Array, index: number) => vectors.subarray(index * 64, (index + 1) * 64);

  test('are those of the base, item by item', () => {
    const begun = begin();
    expect(begun.encoder).toEqual(base.measured.weights.encoder);
    for (const [index, id] of base.items.ids.entries()) {
      const item = catalogue.indexOf(id)!;
      expect(vectorOf(begun.itemVectors, item)).toEqual(vectorOf(base.measured.weights.itemVectors, index));
      expect(begun.itemBias[item]).toBe(base.measured.weights.itemBias[index]);
    }
  });

  test('place a new item nearer to its neighbours than to the others', () => {
    const { itemVectors } = begin();
    const vector = (id: string) => vectorOf(itemVectors, catalogue.indexOf(id)!);
    const likeness = (a: string, b: string) => vector(a).reduce((sum, x, i) => sum + x * vector(b)[i]!, 0);
    expect(likeness('i40', 'i37')).toBeGreaterThan(likeness('i40', 'i20'));
    expect(likeness('i43', 'i2')).toBeGreaterThan(likeness('i43', 'i20'));
  });
});

test('an earlier model ranks nothing that came after it', () => {
  const catalogue = catalogueOf(today);
  const scores = new Float32Array(catalogue.ids.length);
  rankerOfEarlier(base, catalogue).score({ items: Int32Array.of(0, 1), timestamps: Float64Array.of(0, 1) }, scores);
  const unknown = catalogue.ids.filter((_, item) => scores[item] === Number.NEGATIVE_INFINITY);
  expect(unknown.toSorted()).toEqual(['i40', 'i41', 'i42', 'i43']);
});

describe('who is held out', () => {
  const held = (dataset: Dataset, testDraw?: number) => {
    const { training, test: cases } = heldOutUsers(dataset, 5, testDraw);
    return { cases: cases.length, trained: training.offsets.length - 1 };
  };

  test('stays held out when there are more users, and a tenth of the new ones with them', () => {
    const few = ring({ days: 1, users: 200 });
    const { testDraw } = heldOutUsers(few, 5);
    const { cases, trained } = held(ring({ days: 1, users: 2000 }), testDraw);
    expect(held(few).cases).toBe(20);
    expect(cases + trained).toBe(2000);
    expect(cases).toBeGreaterThan(120);
    expect(cases).toBeLessThan(320);
  });
});
