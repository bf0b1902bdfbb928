import { type Dataset, DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { decodeArtifact, encodeArtifact } from '../serving/artifact';
import type { UpdatableModel } from '../serving/model';
import { Scorer } from '../serving/scorer';
import { parseHyperparameters } from '../training/hyperparameters';
import { train } from '../training/training';
import { recipeOf } from './recipes';
import { loadTensorFlow } from './tensorflow';

const RECIPE = 'aws-user-personalization-v2';
const ITEMS = 40;
/** One more than a full softmax is for. */
const LARGE = 10_001;

/** Users walk around a ring of items: four times out of five to the next one. */
function ringOfItems(catalogue = ITEMS): Dataset {
  const random = new Random(5);
  const builder = new DatasetBuilder();
  for (let item = 0; item < catalogue; item++) builder.addItem(`i${item}`);
  for (let user = 0; user < 60; user++) {
    let item = Math.floor(random.uniform() * ITEMS);
    for (let step = 0; step < 20; step++) {
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: step * 60_000 });
      item = random.uniform() < 0.8 ? (item + 1) % ITEMS : Math.floor(random.uniform() * ITEMS);
    }
  }
  return builder.build();
}

async function trainOn(
  dataset: Dataset,
  maxEpochs: number,
  prefer: 'native' | 'wasm' = 'native',
): Promise<UpdatableModel> {
  const tensorflow = await loadTensorFlow({ prefer });
  const before = tensorflow.tf.memory().numTensors;
  const model = await train({
    dataset,
    tensorflow,
    recipe: RECIPE,
    hyperparameters: parseHyperparameters({ hidden_dimension: '32', num_layers: '1' }, recipeOf(RECIPE)),
    seed: 3,
    codeVersion: 'test',
    now: () => performance.now(),
    maxEpochs,
  });
  expect(tensorflow.tf.memory().numTensors).toBe(before);
  return model;
}

const read = (items: readonly number[]) => historyOf(items.map((item, place) => ({ item, timestamp: place * 60_000 })));

describe('the transformer', () => {
  let model: UpdatableModel;

  beforeAll(async () => {
    model = await trainOn(ringOfItems(), 20);
  }, 120_000);

  test('finds the way around the ring, far better than popularity', () => {
    const { network, popularity } = model.manifest.metrics.nextItem;
    const figure = 'normalized_discounted_cumulative_gain_at_10';
    expect(network[figure]).toBeGreaterThan(2 * popularity[figure]);
  });

  test('advancing event by event gives the state of the whole history, and changes no earlier state', () => {
    const scorer = new Scorer(model);
    const first = scorer.stateOf(read([5]));
    const kept = structuredClone(first);
    const stepwise = [9, 2, 2, 30].reduce(
      (state, item, index) => scorer.advance(state, { item, timestamp: (index + 1) * 60_000 }),
      first,
    );
    expect(scorer.score(stepwise)).toEqual(scorer.score(scorer.stateOf(read([5, 9, 2, 2, 30]))));
    expect(first).toEqual(kept);
  });

  test('events beyond the window fall out of a state, so that it stays of one size', () => {
    const scorer = new Scorer(model);
    const state = scorer.stateOf(read(Array.from({ length: scorer.maxHistory }, (_, place) => place % ITEMS)));
    const after = scorer.advance(state, { item: 1, timestamp: scorer.maxHistory * 60_000 });
    expect(JSON.stringify(after.network).length).toBeLessThan(1.1 * JSON.stringify(state.network).length);
  });

  test('a model that was written and read scores the same', () => {
    const [before, after] = [new Scorer(model), new Scorer(decodeArtifact(encodeArtifact(model)))];
    expect(after.score(after.stateOf(read([1, 2, 3])))).toEqual(before.score(before.stateOf(read([1, 2, 3]))));
  });

  test('time between events counts', () => {
    const scorer = new Scorer(model, 0);
    const [near, far] = [60_000, 9_000_000_000].map((gap) =>
      scorer.score(scorer.stateOf(historyOf([1, 2].map((item, place) => ({ item, timestamp: place * gap }))))),
    );
    expect(near).not.toEqual(far);
  });
});

test('a large catalogue is learned by a sample of it, the same for the same seed', async () => {
  const [once, again] = [await trainOn(ringOfItems(LARGE), 2), await trainOn(ringOfItems(LARGE), 2)];
  expect(Buffer.compare(...([once, again].map(bytesOf) as [Uint8Array, Uint8Array]))).toBe(0);
  const [first, second] = once.manifest.learningCurve.map(({ loss }) => loss) as [number, number];
  expect(second).toBeLessThan(first);
}, 60_000);

test('WebAssembly gives the losses that the native library gives', async () => {
  for (const catalogue of [ITEMS, LARGE]) {
    const [native, wasm] = [await trainOn(ringOfItems(catalogue), 1), await trainOn(ringOfItems(catalogue), 1, 'wasm')];
    const [a, b] = [native, wasm].map(({ manifest }) => manifest.learningCurve[0]!.loss) as [number, number];
    expect(Math.abs(a - b)).toBeLessThan(1e-4);
    expect(wasm.manifest.backend).toBe('wasm');
  }
}, 120_000);

const bytesOf = (model: UpdatableModel) => encodeArtifact(model).get('model.safetensors')!;
