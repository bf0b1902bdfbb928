import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { FeatureTable } from '../features/featureTable';
import type { Saved } from '../training/checkpoint';
import type { AdamSettings } from './adam';
import type { TrainingBatch } from './encoder';
import type { ItemRows, ItemRowsGradient, ItemTable, ItemTableStep } from './itemTable';
import { LazyAdamRows } from './lazyAdamRows';
import type { NegativeSampler } from './negativeSampler';
import { sampledSoftmaxLoss } from './sampledSoftmaxLoss';
import type { SoftmaxLoss } from './softmaxLoss';
import type { TensorFlow } from './tensorflow';

/** Rows of the table that become a tensor at once where all are needed. */
const CHUNK = 65_536;

/**
 * Rows in typed arrays, under a softmax over a sample of them: for a large catalogue. A step makes tensors of the rows that it
 * touches alone: what came in, what came next, and the negatives. Nothing that it does grows with the table.
 */
export class SparseItemTable implements ItemTable {
  readonly #rows: LazyAdamRows;
  readonly #items: number;
  readonly #embedding: number;
  /** [items] Where a touched item's row lies in the step's tensor, counted from 1; 0 between steps. */
  readonly #places: Int32Array;

  /** @param features what adds to the items' own vectors */
  constructor(
    private readonly tensorflow: TensorFlow,
    settings: AdamSettings,
    { itemVectors, itemBias }: ItemRows,
    private readonly sampler: NegativeSampler,
    private readonly random: Random,
    private readonly features?: FeatureTable,
  ) {
    this.#items = itemBias.length;
    this.#embedding = itemVectors.length / this.#items;
    this.#rows = new LazyAdamRows(settings, this.#joined({ itemVectors, itemBias }), this.#embedding + 1);
    this.#places = new Int32Array(this.#items);
  }

  begin(batch: TrainingBatch): ItemTableStep {
    const { tf } = this.tensorflow;
    const { items: negatives, corrections } = this.sampler.draw(this.random);
    const { touched, negativeCount } = this.#touch(negatives, batch.targets, batch.inputs);
    const table = this.#table('value', touched);
    const inputs = this.#placesOf(batch.inputs);
    const targets = this.#placesOf(batch.targets);
    for (const item of touched) this.#places[item] = 0;
    const inputIndex = tf.tensor1d(inputs, 'int32');
    let result: SoftmaxLoss;
    return {
      inputs: tf.slice(tf.gather(table, inputIndex), [0, 0], [-1, this.#embedding]),
      loss: (outputs) => {
        const weightSum = batch.weights.reduce((sum, weight) => sum + weight, 0);
        result = sampledSoftmaxLoss(
          this.tensorflow,
          tf.concat([outputs, tf.ones([outputs.shape[0], 1])], 1),
          {
            table,
            corrections,
            targets,
            targetNegatives: targets.map((place) => (place < negativeCount ? place : -1)),
          },
          // A batch of events that weigh nothing has nothing to learn.
          batch.weights.map((weight) => (weightSum > 0 ? weight / weightSum : 0)),
        );
        return { loss: result.loss, byOutputs: tf.slice(result.outputs, [0, 0], [-1, this.#embedding]) };
      },
      gradient: (byInputs) => {
        const wide = tf.concat([byInputs, tf.zeros([byInputs.shape[0], 1])], 1);
        const sum = tf.add(result.table, tf.unsortedSegmentSum(wide, inputIndex, touched.length));
        return {
          vectors: tf.slice(sum as Tensor2D, [0, 0], [-1, this.#embedding]),
          bias: tf.reshape(tf.slice(sum as Tensor2D, [0, this.#embedding], [-1, 1]), [touched.length]),
        };
      },
      learn: ({ vectors, bias }: ItemRowsGradient) => {
        const gradient = tf.concat([vectors, tf.expandDims(bias, 1) as Tensor2D], 1);
        this.#rows.step(touched, gradient.dataSync() as Float32Array);
        this.features?.learn(vectors, touched);
      },
    };
  }

  vectors(items: Int32Array): Tensor2D {
    return this.tensorflow.tf.slice(this.#table('average', items), [0, 0], [-1, this.#embedding]);
  }

  logits(outputs: Tensor2D): Tensor2D {
    const { tf } = this.tensorflow;
    const withOnes = tf.concat([outputs, tf.ones([outputs.shape[0], 1])], 1);
    const parts: Tensor2D[] = [];
    for (let start = 0; start < this.#items; start += CHUNK) {
      const items = Int32Array.from({ length: Math.min(CHUNK, this.#items - start) }, (_, index) => start + index);
      parts.push(tf.tidy(() => tf.matMul(withOnes, this.#table('average', items), false, true)));
    }
    return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
  }

  rows(): ItemRows {
    const [width, features] = [this.#embedding + 1, this.features?.rowData('average')];
    const itemVectors = new Float32Array(this.#items * this.#embedding);
    const itemBias = new Float32Array(this.#items);
    for (let item = 0; item < this.#items; item++) {
      const from = item * width;
      itemVectors.set(this.#rows.values.subarray(from, from + this.#embedding), item * this.#embedding);
      itemBias[item] = this.#rows.values[from + this.#embedding]!;
    }
    if (features) for (let i = 0; i < itemVectors.length; i++) itemVectors[i]! += features[i]!;
    return { itemVectors, itemBias };
  }

  restore(rows: ItemRows): void {
    this.#rows.restore(this.#joined(rows));
  }

  save(): Saved {
    return this.#rows.save();
  }

  load(saved: Saved): void {
    this.#rows.load(saved);
  }

  dispose(): void {}

  /** Gives each touched item a place, negatives first. */
  #touch(negatives: Int32Array, ...others: Int32Array[]): { touched: Int32Array; negativeCount: number } {
    const touched: number[] = [];
    for (const items of [negatives, ...others]) {
      for (const item of items) {
        if (this.#places[item] === 0) this.#places[item] = touched.push(item);
      }
    }
    return { touched: Int32Array.from(touched), negativeCount: negatives.length };
  }

  #placesOf(items: Int32Array): Int32Array {
    return items.map((item) => this.#places[item]! - 1);
  }

  /** The vectors of some items, with their bias as one more column: [items, embedding + 1]. */
  #table(which: 'value' | 'average', items: Int32Array): Tensor2D {
    const width = this.#embedding + 1;
    const table = this.#rows.gather(items);
    const features = this.features?.rowData(which, items);
    if (features) {
      for (let item = 0; item < items.length; item++) {
        for (let i = 0; i < this.#embedding; i++) table[item * width + i]! += features[item * this.#embedding + i]!;
      }
    }
    return this.tensorflow.tf.tensor2d(table, [items.length, width]);
  }

  /** What is the items' own, with their bias as one more column. */
  #joined({ itemVectors, itemBias }: ItemRows): Float32Array {
    const [embedding, width] = [this.#embedding, this.#embedding + 1];
    const features = this.features?.rowData('average');
    const joined = new Float32Array(this.#items * width);
    for (let item = 0; item < this.#items; item++) {
      for (let i = 0; i < embedding; i++) {
        const place = item * embedding + i;
        joined[item * width + i] = itemVectors[place]! - (features ? features[place]! : 0);
      }
      joined[item * width + embedding] = itemBias[item]!;
    }
    return joined;
  }
}
