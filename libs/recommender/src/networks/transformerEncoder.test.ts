import type { Tensor } from '@tensorflow/tfjs-core';
import { ItemCatalogue } from '../data/itemCatalogue';
import { Random } from '../data/random';
import { historyOf, type Sequences } from '../data/sequences';
import { timeBucket } from '../features/timeBuckets';
import { Scorer, softmaxInPlace } from '../serving/scorer';
import type { NetworkWeights } from './encoder';
import { DenseItemTable, initialItemRows } from './itemTable';
import { NetworkTrainer } from './networkTrainer';
import { loadTensorFlow, type TensorFlow } from './tensorflow';
import { initialTransformerWeights, layerName } from './transformer';
import { TransformerEncoder } from './transformerEncoder';
import { type WindowBatch, windowBatches } from './windowBatches';

const sizes = { embedding: 8, heads: 2, layers: 2, window: 6 };
const ITEMS = 9;
const settings = { lanes: 2, window: 6, layerDropout: 0, learningRate: 0.02, averagingSteps: 10 };

/** Three histories, the last of which is longer than the window. Gaps from none at all to months. */
const sequences: Sequences = {
  offsets: Int32Array.of(0, 3, 5, 14),
  items: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 5, 2, 2, 7),
  timestamps: Float64Array.from([0, 0, 3e3, 5e3, 9e8, 1e3, 2e3, 3e3, 1e6, 2e6, 5e6, 1e8, 7e9, 8e9]),
};
const eventWeights = Float32Array.from(sequences.items, (_, row) => 1 + row / 10);

let tensorflow: TensorFlow;
let weights: NetworkWeights;
let trainer: NetworkTrainer;
let batch: WindowBatch;

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
});

beforeEach(() => {
  const random = new Random(4);
  [batch] = windowBatches(sequences, eventWeights, settings, random) as Iterable<WindowBatch> as [WindowBatch];
  const rows = initialItemRows(new Float32Array(ITEMS).fill(1 / ITEMS), sizes.embedding, random);
  // Everything away from its start, so that no gradient is too small to compare.
  const encoder = Object.entries(initialTransformerWeights(sizes, random)).map(([name, { shape, data }]) => {
    return [name, { shape, data: data.map((value) => value + random.normal() / 5) }] as const;
  });
  weights = {
    itemVectors: rows.itemVectors.map((value) => 25 * value),
    itemBias: rows.itemBias.map(() => random.normal() / 4),
    encoder: Object.fromEntries(encoder),
  };
  const table = new DenseItemTable(tensorflow, settings, weights);
  const transformer = new TransformerEncoder(tensorflow, settings, weights.encoder);
  trainer = new NetworkTrainer(tensorflow, table, transformer, 0, random);
});

afterEach(() => {
  trainer.dispose();
  expect(tensorflow.tf.memory().numTensors).toBe(0);
});

/** The mean loss by the equations of `transformerShapes`, event by event in 64 bits. */
function plainLoss(w: Readonly<Record<string, Float64Array>>): number {
  const { embedding: d, heads, layers, window } = sizes;
  const head = d / heads;
  const vector = (length: number, of: (index: number) => number) => Array.from({ length }, (_, index) => of(index));
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const norm = (x: readonly number[], name: string) => {
    const mean = total(x) / d;
    const deviation = Math.sqrt(total(x.map((value) => (value - mean) ** 2)) / d + 1e-6);
    return x.map((value, i) => (w[`${name}.scale`]![i]! * (value - mean)) / deviation + w[`${name}.shift`]![i]!);
  };
  /** x times the matrix [x.length, columns] that starts at `from`. */
  const times = (x: readonly number[], name: string, columns: number, from = 0) =>
    vector(columns, (column) => total(x.map((value, i) => value * w[name]![from + i * columns + column]!)));
  const add = (...terms: (readonly number[])[]) => vector(terms[0]!.length, (i) => total(terms.map((x) => x[i]!)));
  const { length } = batch;
  const bucketOf = (i: number, j: number) => batch.pairs[i * length + (j % length)]!;
  let states = Array.from(batch.inputs, (item) => Array.from(w.item_vectors!.subarray(item * d, (item + 1) * d)));
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: Parameters<typeof layerName>[1]) => layerName(layer, name);
    const normal = states.map((x) => norm(x, at('attention.norm.scale').slice(0, -6)));
    const project = (part: number, h: number) =>
      normal.map((x) => times(x, at('attention.input_weights'), head, (part * heads + h) * d * head));
    const seen = vector(heads, (h) => h).map((h) => {
      const [query, key, value] = [project(0, h), project(1, h), project(2, h)];
      return states.map((_, i) => {
        const first = i - (i % length);
        const others = vector(i - first + 1, (j) => first + j).filter((j) => bucketOf(i, j) < 33);
        const weight = others.map((j) =>
          Math.exp(
            total(query[i]!.map((x, u) => x * key[j]![u]!)) / Math.sqrt(head) +
              w['attention.position_bias']![h * window + i - j]! +
              w['attention.time_bias']![h * 33 + bucketOf(i, j)]!,
          ),
        );
        const mixed = add(...others.map((j, k) => value[j]!.map((x) => (x * weight[k]!) / total(weight))));
        return times(mixed, at('attention.output_weights'), d, h * head * d);
      });
    });
    states = states.map((x, i) => add(x, ...seen.map((byHead) => byHead[i]!)));
    states = states.map((x) => {
      const inner = times(norm(x, at('feed_forward.norm.scale').slice(0, -6)), at('feed_forward.input_weights'), 2 * d);
      const active = inner.map((value, i) => Math.max(0, value + w[at('feed_forward.input_bias')]![i]!));
      const out = times(active, at('feed_forward.output_weights'), d);
      return add(x, out, Array.from(w[at('feed_forward.output_bias')]!));
    });
  }
  const losses = Array.from(batch.places, (place, prediction) => {
    const output = norm(states[place]!, 'norm');
    const logits = vector(ITEMS, (item) => {
      const bias = w.item_bias![item]!;
      return bias + total(output.map((value, i) => value * w.item_vectors![item * d + i]!));
    });
    const logSum = Math.log(total(logits.map(Math.exp)));
    return batch.weights[prediction]! * (logSum - logits[batch.targets[prediction]!]!);
  });
  return total(losses) / total(Array.from(batch.weights));
}

test('the gradient is that of the equations, by central differences, for every parameter', () => {
  const w: Record<string, Float64Array> = {
    item_vectors: Float64Array.from(weights.itemVectors),
    item_bias: Float64Array.from(weights.itemBias),
  };
  for (const [name, { data }] of Object.entries(weights.encoder)) w[name] = Float64Array.from(data);
  const random = new Random(1);
  tensorflow.tf.tidy(() => {
    const { items, encoder, loss } = trainer.gradient(batch);
    const gradients: Record<string, Tensor> = { item_vectors: items.vectors, item_bias: items.bias, ...encoder };
    expect(loss).toBeCloseTo(plainLoss(w), 4);
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(w).sort());
    for (const [name, parameter] of Object.entries(w)) {
      const gradient = gradients[name]!.dataSync();
      expect(gradient).toHaveLength(parameter.length);
      const largest = Math.max(...gradient.map(Math.abs));
      expect(largest).toBeGreaterThan(1e-4);
      // The largest of the gradient, and some others.
      const checked = [gradient.findIndex((value) => Math.abs(value) === largest)];
      while (checked.length < 8) checked.push(Math.floor(random.uniform() * parameter.length));
      for (const index of checked) {
        const value = parameter[index]!;
        const at = (shifted: number) => {
          parameter[index] = shifted;
          return plainLoss(w);
        };
        const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        parameter[index] = value;
        expect(Math.abs(gradient[index]! - slope)).toBeLessThan(3e-6);
      }
    }
  });
});

test('the scorer gives the probabilities of the network in TensorFlow', () => {
  const histories = [[3], [1, 2, 3, 4, 5, 6], [8, 8, 0]].map((items) =>
    historyOf(items.map((item, place) => ({ item, timestamp: 40 ** place }))),
  );
  const logits = trainer.logits(histories);
  const followers = { offsets: new Int32Array(ITEMS + 1), columns: new Int32Array(), values: new Float32Array() };
  const ids = Array.from({ length: ITEMS }, (_, item) => `i${item}`);
  const scorer = new Scorer({
    manifest: { recipe: 'aws-user-personalization-v2', excludeSeen: false, maxHistory: 6, mixingWeight: 0 },
    items: new ItemCatalogue(ids, new Int32Array(ITEMS), new Float64Array(ITEMS)),
    weights: trainer.weights(),
    transitions: { followers },
    popularity: new Float32Array(ITEMS).fill(1 / ITEMS),
  });
  histories.forEach((history, row) => {
    const expected = logits.slice(row * ITEMS, (row + 1) * ITEMS);
    softmaxInPlace(expected);
    const scores = scorer.score(scorer.stateOf(history));
    scores.forEach((score, item) => {
      expect(Math.abs(score - expected[item]!)).toBeLessThan(1e-5);
    });
  });
});

test('learning one batch again and again learns it by heart', () => {
  for (let step = 0; step < 80; step++) trainer.learn(batch);
  expect(trainer.learn(batch)).toBeLessThan(0.5);
});

test('a lane holds whole stretches of histories, and each predicts what came next', () => {
  const { inputs, inputRows, places, targets, targetRows } = batch;
  expect(Array.from(targetRows)).toEqual(Array.from(places, (place) => inputRows[place]! + 1));
  expect(Array.from(targets)).toEqual(Array.from(targetRows, (row) => sequences.items[row]));
  expect(Array.from(places, (place) => inputs[place])).toEqual(
    Array.from(places, (place) => sequences.items[inputRows[place]!]),
  );
});

test('an event sees those of its own history up to itself, by the time between', () => {
  const { lanes, length, pairs, inputRows } = batch;
  const historyOfRow = (row: number) => sequences.offsets.findIndex((offset) => row < offset);
  for (let pair = 0; pair < lanes * length * length; pair++) {
    const place = Math.floor(pair / length);
    const other = place - (place % length) + (pair % length);
    const [row, otherRow] = [inputRows[place]!, inputRows[other]!];
    if (row < 0 || otherRow < 0 || historyOfRow(row) !== historyOfRow(otherRow) || otherRow > row) {
      expect(pairs[pair] === 33 || place === other).toBe(true);
    } else if (pairs[pair] !== 33) {
      expect(pairs[pair]).toBe(timeBucket(sequences.timestamps[row]! - sequences.timestamps[otherRow]!));
    }
  }
});

test('gaps double from bucket to bucket', () => {
  const gaps = [0, 999, 1000, 1999, 2000, 3999, 4000, 86_400_000, 2 ** 40 * 1000];
  expect(gaps.map(timeBucket)).toEqual([0, 0, 1, 1, 2, 2, 3, 17, 32]);
});
