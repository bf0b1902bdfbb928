import type { Tensor } from '@tensorflow/tfjs-core';
import { ItemCatalogue } from '../data/itemCatalogue';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { Scorer, softmaxInPlace } from '../serving/scorer';
import type { NetworkWeights } from './encoder';
import { initialGruWeights } from './gru';
import { GruEncoder } from './gruEncoder';
import { DenseItemTable, initialItemRows } from './itemTable';
import type { LaneBatch } from './laneBatches';
import { NetworkTrainer } from './networkTrainer';
import { loadTensorFlow, type TensorFlow } from './tensorflow';

const sizes = { embedding: 5, hidden: 7 };
const ITEMS = 11;
const settings = { lanes: 3, steps: 4, maxHistory: 50, learningRate: 0.01, averagingSteps: 10 };

/** Four steps of three lanes: lane 1 begins a new history at step 2, lane 2 is idle in the last step. */
const batch: LaneBatch = {
  steps: 4,
  lanes: 3,
  inputs: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 0),
  beginnings: [[0, 1, 2], [], [1], []],
  inputRows: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1),
  targetRows: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
  places: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
  targets: Int32Array.of(4, 5, 6, 7, 3, 9, 10, 1, 0, 2, 2),
  weights: Float32Array.of(1, 2, 1, 1, 0.5, 1, 1, 1, 3, 1, 1),
};

let tensorflow: TensorFlow;
let weights: NetworkWeights;
let trainer: NetworkTrainer;

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
});

beforeEach(() => {
  const random = new Random(4);
  const rows = initialItemRows(new Float32Array(ITEMS).fill(1 / ITEMS), sizes.embedding, random);
  const encoder = initialGruWeights(sizes, random);
  // Larger item vectors and some bias, so that no gradient is too small to compare.
  const bias = encoder['gru.bias']!;
  weights = {
    itemVectors: rows.itemVectors.map((value) => 25 * value),
    itemBias: rows.itemBias.map(() => random.normal() / 4),
    encoder: { ...encoder, 'gru.bias': { ...bias, data: bias.data.map(() => random.normal() / 4) } },
  };
  const table = new DenseItemTable(tensorflow, settings, weights);
  trainer = new NetworkTrainer(tensorflow, table, new GruEncoder(tensorflow, settings, weights.encoder), 0, random);
});

afterEach(() => {
  trainer.dispose();
  expect(tensorflow.tf.memory().numTensors).toBe(0);
});

/** The mean loss by the equations of `gruShapes`, read off one number after the other in 64 bits. */
function plainLoss(w: Readonly<Record<string, Float64Array>>): number {
  const { embedding, hidden } = sizes;
  const of = (name: string, index: number) => w[name]![index]!;
  const sum = (length: number, term: (index: number) => number) =>
    Array.from({ length }, (_, index) => term(index)).reduce((total, value) => total + value, 0);
  const units = Array.from({ length: hidden }, (_, unit) => unit);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const states = Array.from({ length: batch.lanes }, () => new Float64Array(hidden));
  let loss = 0;
  batch.inputs.forEach((item, place) => {
    const [step, lane] = [Math.floor(place / batch.lanes), place % batch.lanes];
    const state = batch.beginnings[step]!.includes(lane) ? new Float64Array(hidden) : states[lane]!;
    const input = (gate: number, unit: number) =>
      of('gru.bias', gate * hidden + unit) +
      sum(
        embedding,
        (i) =>
          of('item_vectors', item * embedding + i) * of('gru.input_weights', (gate * embedding + i) * hidden + unit),
      );
    const recurrent = (gate: number, unit: number) =>
      sum(hidden, (i) => state[i]! * of('gru.hidden_weights', (gate * hidden + i) * hidden + unit));
    const next = Float64Array.from(units, (unit) => {
      const update = sigmoid(input(0, unit) + recurrent(0, unit));
      const reset = sigmoid(input(1, unit) + recurrent(1, unit));
      const candidate = Math.tanh(input(2, unit) + reset * recurrent(2, unit));
      return update * state[unit]! + (1 - update) * candidate;
    });
    states[lane] = next;
    const prediction = batch.places.indexOf(place);
    if (prediction < 0) return;
    const output = Array.from(
      { length: embedding },
      (_, i) =>
        sum(hidden, (unit) => next[unit]! * of('projection.weights', unit * embedding + i)) + of('projection.bias', i),
    );
    const logit = (item: number) =>
      sum(embedding, (i) => output[i]! * of('item_vectors', item * embedding + i)) + of('item_bias', item);
    const logSum = Math.log(sum(ITEMS, (item) => Math.exp(logit(item))));
    loss += batch.weights[prediction]! * (logSum - logit(batch.targets[prediction]!));
  });
  return loss / batch.weights.reduce((total, weight) => total + weight, 0);
}

test('the gradient is that of the equations, by central differences, for every parameter', () => {
  const w: Record<string, Float64Array> = {
    item_vectors: Float64Array.from(weights.itemVectors),
    item_bias: Float64Array.from(weights.itemBias),
  };
  for (const [name, { data }] of Object.entries(weights.encoder)) w[name] = Float64Array.from(data);
  tensorflow.tf.tidy(() => {
    const { items, encoder, loss } = trainer.gradient(batch);
    const gradients: Record<string, Tensor> = { item_vectors: items.vectors, item_bias: items.bias, ...encoder };
    expect(loss).toBeCloseTo(plainLoss(w), 5);
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(w).sort());
    for (const [name, parameter] of Object.entries(w)) {
      const differences = Float64Array.from(parameter, (value, index) => {
        const at = (shifted: number) => {
          parameter[index] = shifted;
          return plainLoss(w);
        };
        const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        parameter[index] = value;
        return slope;
      });
      expect(largestDifference(gradients[name]!.dataSync(), differences)).toBeLessThan(1e-6);
      expect(Math.max(...differences.map(Math.abs))).toBeGreaterThan(1e-3);
    }
  });
});

test('the scorer gives the probabilities of the network in TensorFlow', () => {
  const histories = [[3], [1, 2, 3, 4, 5, 6], [10, 10, 0]].map((items) =>
    historyOf(items.map((item, timestamp) => ({ item, timestamp }))),
  );
  const logits = trainer.logits(histories);
  const popularity = new Float32Array(ITEMS).fill(1 / ITEMS);
  const followers = { offsets: new Int32Array(ITEMS + 1), columns: new Int32Array(), values: new Float32Array() };
  const ids = Array.from({ length: ITEMS }, (_, item) => `i${item}`);
  const scorer = new Scorer({
    manifest: { recipe: 'aws-user-personalization', excludeSeen: false, maxHistory: 100, mixingWeight: 0 },
    items: new ItemCatalogue(ids, new Int32Array(ITEMS), new Float64Array(ITEMS)),
    weights: trainer.weights(),
    transitions: { followers },
    popularity,
  });
  histories.forEach((history, row) => {
    const expected = logits.slice(row * ITEMS, (row + 1) * ITEMS);
    softmaxInPlace(expected);
    expect(largestDifference(scorer.score(scorer.stateOf(history)), expected)).toBeLessThan(1e-5);
  });
});

test('a lane goes on from batch to batch, unless it begins a new history', () => {
  const goingOn = { ...batch, beginnings: [[], [], [], []] };
  const first = trainer.learn(batch);
  trainer.restore(weights);
  const carried = trainer.learn(goingOn);
  trainer.restore(weights);
  const begunAgain = trainer.learn(batch);
  expect(begunAgain).toBeCloseTo(first, 6);
  expect(Math.abs(carried - first)).toBeGreaterThan(1e-3);
});

test('learning one batch again and again learns it by heart', () => {
  for (let step = 0; step < 300; step++) trainer.learn(batch);
  expect(trainer.learn(batch)).toBeLessThan(0.1);
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0);
}
