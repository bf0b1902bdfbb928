import type { Dataset } from '../data/dataset';
import { DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { loadTensorFlow, type TensorFlow } from '../networks/tensorflow';
import { ARTIFACT_FILES, decodeArtifact, decodeUpdatableModel, encodeArtifact } from '../serving/artifact';
import type { UpdatableModel } from '../serving/model';
import { Scorer } from '../serving/scorer';
import { type Hyperparameters, parseHyperparameters } from './hyperparameters';
import type { TrainingProgress } from './networkTraining';
import { train } from './training';

const ITEMS = 40;
const SMALL: Hyperparameters = parseHyperparameters({ hidden_dimension: '32', bptt: '8' });

/** Users walk around a ring of items: four times out of five to the next one. */
function ringOfItems(users = 60, steps = 30): Dataset {
  const random = new Random(5);
  const builder = new DatasetBuilder();
  for (let user = 0; user < users; user++) {
    let item = Math.floor(random.uniform() * ITEMS);
    for (let step = 0; step < steps; step++) {
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: step * 60_000 });
      item = random.uniform() < 0.8 ? (item + 1) % ITEMS : Math.floor(random.uniform() * ITEMS);
    }
  }
  return builder.build();
}

const read = (items: readonly number[]) => historyOf(items.map((item, timestamp) => ({ item, timestamp })));

let tensorflow: TensorFlow;
let model: UpdatableModel;
const progress: TrainingProgress[] = [];

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
  model = await trainOn(ringOfItems(), { onProgress: (each) => progress.push(each) });
}, 120_000);

function trainOn(dataset: Dataset, options: Partial<Parameters<typeof train>[0]> = {}): Promise<UpdatableModel> {
  return train({
    dataset,
    tensorflow,
    hyperparameters: SMALL,
    seed: 3,
    codeVersion: 'test',
    now: () => performance.now(),
    ...options,
  });
}

describe('what was learned', () => {
  test('the loss falls and the network finds the way around the ring, far better than popularity', () => {
    const { learningCurve, metrics } = model.manifest;
    expect(learningCurve.at(-1)!.loss).toBeLessThan(0.7 * learningCurve[0]!.loss);
    const figure = 'normalized_discounted_cumulative_gain_at_10';
    expect(metrics.nextItem.network[figure]).toBeGreaterThan(2 * metrics.nextItem.popularity[figure]);
    expect(metrics.nextItem.model[figure]).toBeGreaterThan(2 * metrics.nextItem.popularity[figure]);
  });

  test('progress never falls and ends at 1', () => {
    const fractions = progress.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  test('what follows on the ring is the most probable item', () => {
    const scorer = new Scorer({ ...model, manifest: { ...model.manifest, excludeSeen: false } });
    const next = (...path: number[]) => {
      const scores = scorer.score(scorer.stateOf(read(path.map((item) => scorer.items.indexOf(`i${item}`)!))));
      return scorer.items.ids[scores.indexOf(Math.max(...scores))];
    };
    expect([next(3, 4, 5), next(37, 38, 39), next(20, 21, 22)]).toEqual(['i6', 'i0', 'i23']);
  });
});

describe('serving', () => {
  test('probabilities sum to 1 over the catalogue, with the memory, without it, and for nobody', () => {
    for (const scorer of [new Scorer(model), new Scorer(model, 0), new Scorer(model, 1)]) {
      for (const state of [scorer.initialState(), scorer.stateOf(read([0])), scorer.stateOf(read([1, 2, 3, 4]))]) {
        const scores = scorer.score(state);
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
        expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test('advancing event by event gives the state of the whole history, and changes no earlier state', () => {
    const scorer = new Scorer(model);
    const history = [5, 9, 2, 2, 30, 7];
    const first = scorer.advance(scorer.initialState(), { item: 5, timestamp: 0 });
    const kept = structuredClone(first);
    const stepwise = history
      .slice(1)
      .reduce((state, item, index) => scorer.advance(state, { item, timestamp: index + 1 }), first);
    expect(scorer.score(stepwise)).toEqual(scorer.score(scorer.stateOf(read(history))));
    expect(first).toEqual(kept);
  });

  test('only the latest events of a long history count', () => {
    const scorer = new Scorer(model);
    const latest = Array.from({ length: scorer.maxHistory }, (_, index) => index % ITEMS);
    const [long, short] = [[11, 12, 13, ...latest], latest].map((items) => scorer.stateOf(read(items)));
    expect([long!.network, long!.recent]).toEqual([short!.network, short!.recent]);
  });
});

describe('repeating it', () => {
  test('the same seed gives the same artifact, byte for byte, and another seed another', async () => {
    const short = { maxEpochs: 2 };
    const dataset = ringOfItems();
    const bytes = async (seed: number) =>
      encodeArtifact(await trainOn(dataset, { ...short, seed })).get('model.safetensors')!;
    const [once, again, other] = [await bytes(8), await bytes(8), await bytes(9)];
    expect(Buffer.compare(once, again)).toBe(0);
    expect(Buffer.compare(once, other)).not.toBe(0);
  }, 120_000);

  test('TensorFlow holds nothing afterwards', async () => {
    const before = tensorflow.tf.memory().numTensors;
    await trainOn(ringOfItems(), { maxEpochs: 1 });
    expect(tensorflow.tf.memory().numTensors).toBe(before);
  }, 60_000);

  test('a time budget keeps the best epoch so far, and says so', async () => {
    let time = 0;
    const limited = await trainOn(ringOfItems(), { timeBudgetSeconds: 1, now: () => (time += 100) });
    expect(limited.manifest.stopped).toBe('time');
  }, 60_000);

  test('where time ran out, what was held out is remembered, and not learned by the network', async () => {
    let time = 0;
    const { measured, transitions, weights } = await trainOn(ringOfItems(), {
      timeBudgetSeconds: 1,
      now: () => (time += 100),
    });
    expect(weights.itemVectors).toEqual(measured.weights.itemVectors);
    expect(transitions.followers.values).not.toEqual(measured.transitions.followers.values);
  }, 60_000);

  test('an abort ends it with its reason', async () => {
    const reason = new Error('not needed any more');
    await expect(trainOn(ringOfItems(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('too little data is refused', async () => {
    await expect(trainOn(ringOfItems(10, 30))).rejects.toThrow('1000');
  });
});

describe('the artifact', () => {
  test('a model that was written and read scores the same', () => {
    const files = encodeArtifact(model);
    expect([...files.keys()].sort()).toEqual([...ARTIFACT_FILES].sort());
    const [before, after] = [new Scorer(model), new Scorer(decodeArtifact(files))];
    expect(after.items.ids).toEqual(before.items.ids);
    expect(after.score(after.stateOf(read([1, 2, 3])))).toEqual(before.score(before.stateOf(read([1, 2, 3]))));
  });

  test('what an update starts from comes back, and serving does without it', () => {
    const files = encodeArtifact(model);
    expect(decodeUpdatableModel(files).measured).toEqual(model.measured);
    files.delete('measured.safetensors');
    expect(decodeArtifact(files).weights).toEqual(model.weights);
  });

  test.each(ARTIFACT_FILES.map((name) => [name]))('%s missing or changed by one byte is refused by name', (name) => {
    const missing = encodeArtifact(model);
    missing.delete(name);
    expect(() => decodeUpdatableModel(missing)).toThrow(name);
    const changed = encodeArtifact(model);
    const bytes = changed.get(name)!.slice();
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    changed.set(name, bytes);
    expect(() => decodeUpdatableModel(changed)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
  });
});
