import { GruTrainer } from './gruTrainer';
import { GRU_WEIGHT_NAMES, type GruWeightName, type GruWeights, gruShapes, initialGruWeights } from './gruWeights';
import { ItemCatalogue } from './itemCatalogue';
import type { LaneBatch } from './laneBatches';
import { Random } from './random';
import { Scorer, softmaxInPlace } from './scorer';
import { loadTensorFlow, type TensorFlow } from './tensorflow';

const sizes = { items: 11, embedding: 5, hidden: 7 };
const settings = { sizes, lanes: 3, dropout: 0, learningRate: 0.01, averagingSteps: 10 };

/** Four steps of three lanes: lane 1 begins a new history at step 2, lane 2 is idle in the last step. */
const batch: LaneBatch = {
  steps: 4,
  lanes: 3,
  inputs: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 0),
  beginnings: [[0, 1, 2], [], [1], []],
  places: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
  targets: Int32Array.of(4, 5, 6, 7, 3, 9, 10, 1, 0, 2, 2),
  weights: Float32Array.of(1, 2, 1, 1, 0.5, 1, 1, 1, 3, 1, 1),
};

let tensorflow: TensorFlow;
let weights: GruWeights;
let trainer: GruTrainer;

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
});

beforeEach(() => {
  const random = new Random(4);
  const initial = initialGruWeights(sizes, new Float32Array(sizes.items).fill(1 / sizes.items), random);
  // Larger item vectors and some bias, so that no gradient is too small to compare.
  weights = {
    ...initial,
    itemVectors: initial.itemVectors.map((value) => 25 * value),
    gateBias: initial.gateBias.map(() => random.normal() / 4),
    itemBias: initial.itemBias.map(() => random.normal() / 4),
  };
  trainer = new GruTrainer(tensorflow, settings, weights, random);
});

afterEach(() => {
  trainer.dispose();
  expect(tensorflow.tf.memory().numTensors).toBe(0);
});

/** The mean loss by the equations of `GruWeights`, read off one number after the other in 64 bits. */
function plainLoss(w: Record<GruWeightName, Float64Array>): number {
  const { items, embedding, hidden } = sizes;
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
      w.gateBias[gate * hidden + unit]! +
      sum(
        embedding,
        (i) => w.itemVectors[item * embedding + i]! * w.inputWeights[(gate * embedding + i) * hidden + unit]!,
      );
    const recurrent = (gate: number, unit: number) =>
      sum(hidden, (i) => state[i]! * w.hiddenWeights[(gate * hidden + i) * hidden + unit]!);
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
      (_, i) => sum(hidden, (unit) => next[unit]! * w.projectionWeights[unit * embedding + i]!) + w.projectionBias[i]!,
    );
    const logit = (of: number) =>
      sum(embedding, (i) => output[i]! * w.itemVectors[of * embedding + i]!) + w.itemBias[of]!;
    const logSum = Math.log(sum(items, (of) => Math.exp(logit(of))));
    loss += batch.weights[prediction]! * (logSum - logit(batch.targets[prediction]!));
  });
  return loss / batch.weights.reduce((total, weight) => total + weight, 0);
}

test('the gradient is that of the equations, by central differences, for every parameter', () => {
  const w = Object.fromEntries(GRU_WEIGHT_NAMES.map((name) => [name, Float64Array.from(weights[name])])) as Record<
    GruWeightName,
    Float64Array
  >;
  tensorflow.tf.tidy(() => {
    const { gradients, loss } = trainer.gradient(batch);
    expect(loss).toBeCloseTo(plainLoss(w), 5);
    for (const name of GRU_WEIGHT_NAMES) {
      const parameter = w[name];
      const differences = Float64Array.from(parameter, (value, index) => {
        const at = (shifted: number) => {
          parameter[index] = shifted;
          return plainLoss(w);
        };
        const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        parameter[index] = value;
        return slope;
      });
      expect(gradients[name].shape).toEqual(gruShapes(sizes)[name]);
      expect(largestDifference(gradients[name].dataSync(), differences)).toBeLessThan(1e-6);
      expect(Math.max(...differences.map(Math.abs))).toBeGreaterThan(1e-3);
    }
  });
});

test('the scorer gives the probabilities of the network in TensorFlow', () => {
  const histories = [Int32Array.of(3), Int32Array.of(1, 2, 3, 4, 5, 6), Int32Array.of(10, 10, 0)];
  const logits = trainer.logits(histories);
  const popularity = new Float32Array(sizes.items).fill(1 / sizes.items);
  const followers = { offsets: new Int32Array(sizes.items + 1), columns: new Int32Array(), values: new Float32Array() };
  const ids = Array.from({ length: sizes.items }, (_, item) => `i${item}`);
  const scorer = new Scorer({
    manifest: { excludeSeen: false, maxHistory: 100, mixingWeight: 0 },
    items: new ItemCatalogue(ids, new Int32Array(sizes.items), new Float64Array(sizes.items)),
    weights: trainer.weights(),
    transitions: { followers },
    popularity,
  });
  histories.forEach((history, row) => {
    const expected = logits.slice(row * sizes.items, (row + 1) * sizes.items);
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
