import type { Tensor2D } from '@tensorflow/tfjs-core';
import { Random } from '../data/random';
import type { TrainingBatch } from './encoder';
import { DenseItemTable, type ItemTable, initialItemRows } from './itemTable';
import { LazyAdamRows } from './lazyAdamRows';
import { NegativeSampler } from './negativeSampler';
import { sampledSoftmaxLoss } from './sampledSoftmaxLoss';
import { SparseItemTable } from './sparseItemTable';
import { loadTensorFlow, type TensorFlow } from './tensorflow';

const [ITEMS, EMBEDDING, POSITIONS] = [12, 4, 6];
const settings = { learningRate: 0.01, averagingSteps: 10 };
const batch: TrainingBatch = {
  inputs: Int32Array.of(0, 3, 3, 7, 1, 5),
  inputRows: Int32Array.of(0, 1, 2, 3, 4, 5),
  places: Int32Array.of(0, 1, 2, 3, 4, 5),
  targets: Int32Array.of(3, 3, 2, 9, 5, 0),
  targetRows: Int32Array.of(1, 2, 3, 4, 5, 6),
  weights: Float32Array.of(1, 2, 1, 0.5, 1, 1),
};

let tensorflow: TensorFlow;
let random: Random;
let popularity: Float32Array;

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
});

beforeEach(() => {
  random = new Random(6);
  const shares = Array.from({ length: ITEMS }, () => random.uniform() ** 2);
  const total = shares.reduce((sum, share) => sum + share);
  popularity = Float32Array.from(shares, (share) => share / total);
});

const largestDifference = (a: Tensor2D, b: Tensor2D): number => {
  const { tf } = tensorflow;
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
};

const draw = (length: number) => Float32Array.from({ length }, () => random.normal());

test('the sum over negatives is on average that over all items', () => {
  const logits = draw(ITEMS);
  const whole = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const sampler = new NegativeSampler(popularity, 8);
  let mean = 0;
  const rounds = 5000;
  for (let round = 0; round < rounds; round++) {
    const { items, corrections } = sampler.draw(random);
    expect(new Set(items).size).toBe(items.length);
    items.forEach((item, index) => {
      mean += Math.exp(logits[item]! + corrections[index]!) / rounds;
    });
  }
  expect(Math.abs(mean / whole - 1)).toBeLessThan(0.03);
});

test('the gradient of the sampled loss is that of its equation, by central differences', () => {
  const [rows, negatives, width] = [9, 5, 3];
  const corrections = draw(negatives);
  const targets = Int32Array.of(6, 1, 8, 6, 4, 7);
  const targetNegatives = targets.map((row) => (row < negatives ? row : -1));
  const given = { outputs: draw(POSITIONS * width), table: draw(rows * width) };
  const plain = ({ outputs, table }: Record<keyof typeof given, ArrayLike<number>>) => {
    let loss = 0;
    targets.forEach((target, position) => {
      const logit = (row: number) =>
        [0, 1, 2].reduce((sum, i) => sum + outputs[position * width + i]! * table[row * width + i]!, 0);
      const others = Array.from({ length: negatives }, (_, row) => row).filter((row) => row !== target);
      const all = others.reduce((sum, row) => sum + Math.exp(logit(row) + corrections[row]!), Math.exp(logit(target)));
      loss += batch.weights[position]! * (Math.log(all) - logit(target));
    });
    return loss;
  };
  tensorflow.tf.tidy(() => {
    const { tf } = tensorflow;
    const outputs = tf.tensor2d(given.outputs, [POSITIONS, width]);
    const table = tf.tensor2d(given.table, [rows, width]);
    const found = sampledSoftmaxLoss(
      tensorflow,
      outputs,
      { table, corrections, targets, targetNegatives },
      batch.weights,
    );
    expect(found.loss).toBeCloseTo(plain(given), 4);
    for (const name of ['outputs', 'table'] as const) {
      const shifted = Float64Array.from(given[name]);
      const gradient = found[name].dataSync();
      shifted.forEach((value, index) => {
        const at = (moved: number) => {
          shifted[index] = moved;
          return plain({ ...given, [name]: shifted });
        };
        const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        shifted[index] = value;
        expect(Math.abs(gradient[index]! - slope)).toBeLessThan(1e-5);
      });
    }
  });
});

describe('beside the table of all items', () => {
  let outputs: Tensor2D;
  let dense: ItemTable;
  let sparse: ItemTable;

  beforeEach(() => {
    const rows = initialItemRows(popularity, EMBEDDING, random);
    const large = { ...rows, itemVectors: rows.itemVectors.map((value) => 25 * value) };
    dense = new DenseItemTable(tensorflow, settings, large);
    sparse = new SparseItemTable(tensorflow, settings, large, new NegativeSampler(popularity, 50_000), random);
    outputs = tensorflow.tf.tensor2d(draw(POSITIONS * EMBEDDING), [POSITIONS, EMBEDDING]);
  });

  afterEach(() => {
    for (const each of [dense, sparse, outputs]) each.dispose();
    expect(tensorflow.tf.memory().numTensors).toBe(0);
  });

  test('a sample of very many gives its loss and gradient by the outputs', () => {
    tensorflow.tf.tidy(() => {
      const [all, sampled] = [dense, sparse].map((table) => table.begin(batch).loss(outputs)) as [
        ReturnType<ReturnType<ItemTable['begin']>['loss']>,
        ReturnType<ReturnType<ItemTable['begin']>['loss']>,
      ];
      expect(Math.abs(sampled.loss - all.loss)).toBeLessThan(0.03);
      const difference = largestDifference(sampled.byOutputs, all.byOutputs);
      expect(difference).toBeLessThan(0.02);
    });
  });

  test('the vectors, the logits and the rows are the same', () => {
    tensorflow.tf.tidy(() => {
      for (const of of [
        (table: ItemTable) => table.vectors(batch.inputs),
        (table: ItemTable) => table.logits(outputs),
      ]) {
        const difference = largestDifference(of(sparse), of(dense));
        expect(difference).toBeLessThan(1e-5);
      }
    });
    expect(sparse.rows()).toEqual(dense.rows());
  });

  test('learning lowers the loss, and what was saved goes on as it would have', () => {
    const learn = (table: ItemTable) =>
      tensorflow.tf.tidy(() => {
        const step = table.begin(batch);
        const { loss } = step.loss(outputs);
        step.learn(step.gradient(tensorflow.tf.zerosLike(step.inputs)));
        return loss;
      });
    const losses = Array.from({ length: 60 }, () => learn(sparse));
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
    const saved = sparse.save();
    const drawn = random.save();
    const expected = learn(sparse);
    sparse.load(saved);
    random.load(drawn);
    expect(learn(sparse)).toBe(expected);
  });
});

test('a step moves the rows that it names, and no other', () => {
  const rows = new LazyAdamRows(settings, new Float32Array(6).fill(1), 2);
  rows.step(Int32Array.of(2, 0), Float32Array.of(1, -1, 0.5, 0.5));
  const [a, b, c, d, e, f] = rows.values;
  expect([c, d]).toEqual([1, 1]);
  // The first step is as long as the learning rate, whatever the gradient's length.
  expect([a, b, e, f].map((value) => value! - 1)).toEqual(
    [-0.01, -0.01, -0.01, 0.01].map((moved) => expect.closeTo(moved, 5)),
  );
});
