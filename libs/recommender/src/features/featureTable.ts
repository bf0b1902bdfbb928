import type { Tensor2D } from '@tensorflow/tfjs-core';
import { AdamParameter, type AdamSettings } from '../networks/adam';
import type { FloatTensor } from '../networks/parameterSet';
import type { TensorFlow } from '../networks/tensorflow';
import type { Saved } from '../training/checkpoint';
import type { FeatureMatrix } from './featureMatrix';
import { multiplyRows, multiplyTransposed } from './sparseProduct';

/**
 * A vector for each feature, in training. The vector of a row is the sum over its features of value times vector, as in
 * LightFM (Kula, 2015). The sparse products run in JavaScript: TensorFlow.js has none with values, and gathering a dense
 * copy of the vector of each entry would take entries x embedding numbers.
 */
export class FeatureTable {
  readonly #vectors: AdamParameter;
  readonly #embedding: number;
  /** The averaged vectors of all rows, until they change. */
  #averages: Float32Array | undefined;

  /** @param initial [features, embedding] */
  constructor(
    private readonly tensorflow: TensorFlow,
    settings: AdamSettings,
    private readonly matrix: FeatureMatrix,
    { shape, data }: FloatTensor,
  ) {
    this.#embedding = shape[1]!;
    this.#vectors = new AdamParameter(tensorflow, settings, data, shape);
  }

  /** The vectors of rows, or of all: [rows, embedding]. -1 for a row without features. */
  rows(which: 'value' | 'average', rows?: Int32Array): Tensor2D {
    const data = this.rowData(which, rows);
    return this.tensorflow.tf.tensor2d(data, [data.length / this.#embedding, this.#embedding]);
  }

  /** The same, not to be changed. */
  rowData(which: 'value' | 'average', rows?: Int32Array): Float32Array {
    if (which === 'average' && !rows) {
      this.#averages ??= this.#multiply(which, rows);
      return this.#averages;
    }
    return this.#multiply(which, rows);
  }

  /** Moves the features' vectors against the gradient by the rows' vectors. @param byRows [rows, embedding] */
  learn(byRows: Tensor2D, rows?: Int32Array): void {
    const data = multiplyTransposed(this.matrix, rows, byRows.dataSync() as Float32Array, this.#embedding);
    this.#vectors.step(this.tensorflow.tf.tensor2d(data, [this.matrix.width, this.#embedding]));
    this.#averages = undefined;
  }

  /** A copy of the averaged vectors of the features. */
  average(): FloatTensor {
    const { average } = this.#vectors;
    return { shape: average.shape, data: average.dataSync().slice() as Float32Array };
  }

  /** Puts values and averages to these; the optimiser's moments stay as they are. */
  restore({ data }: FloatTensor): void {
    this.#vectors.restore(data);
    this.#averages = undefined;
  }

  /** All that the next steps depend on. */
  save(): Saved {
    return this.#vectors.save();
  }

  /** Goes on from what `save` gave. */
  load(saved: Saved): void {
    this.#vectors.load(saved);
    this.#averages = undefined;
  }

  dispose(): void {
    this.#vectors.dispose();
  }

  #multiply(which: 'value' | 'average', rows?: Int32Array): Float32Array {
    const table = this.#vectors[which].dataSync() as Float32Array;
    return multiplyRows(this.matrix, rows, table, this.#embedding);
  }
}
