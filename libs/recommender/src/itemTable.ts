import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { AdamParameter, type AdamSettings } from './adam';
import type { Saved } from './checkpoint';
import type { TrainingBatch } from './encoder';
import { popularityBias } from './popularity';
import type { Random } from './random';
import { type SoftmaxLoss, softmaxLoss } from './softmaxLoss';
import type { TensorFlow } from './tensorflow';

/** The items' vectors and biases. */
export interface ItemRows {
  /** [items, embedding] */
  readonly itemVectors: Float32Array;
  /** [items] */
  readonly itemBias: Float32Array;
}

/** The gradient of a loss by the rows that a batch deals with. */
export interface ItemRowsGradient {
  /** [rows, embedding] */
  readonly vectors: Tensor2D;
  /** [rows] */
  readonly bias: Tensor1D;
}

/** The rows of an item table that one batch deals with. */
export interface ItemTableStep {
  /** The vector of what was touched at each place: [places, embedding] */
  readonly inputs: Tensor2D;
  /** The batch's mean loss. @param outputs [predictions, embedding] */
  loss(outputs: Tensor2D): { loss: number; byOutputs: Tensor2D };
  /** The gradient of that loss. @param byInputs its part that came through the inputs: [places, embedding] */
  gradient(byInputs: Tensor2D): ItemRowsGradient;
  /** Moves the rows against the gradient. */
  learn(gradient: ItemRowsGradient): void;
}

/** The items' vectors and biases while they are learned, used at both ends of the network. */
export interface ItemTable {
  /** Takes up the rows that a batch touches. */
  begin(batch: TrainingBatch): ItemTableStep;
  /** The averaged vectors of items: [items, embedding]. */
  vectors(items: Int32Array): Tensor2D;
  /** The averaged logits of all items: [rows, items]. @param outputs [rows, embedding] */
  logits(outputs: Tensor2D): Tensor2D;
  /** A copy of the averaged rows. */
  rows(): ItemRows;
  /** Puts the rows back to what `rows` gave. The optimiser's moments stay as they are. */
  restore(rows: ItemRows): void;
  /** All that the next steps depend on. */
  save(): Saved;
  /** Goes on from what `save` gave. */
  load(saved: Saved): void;
  dispose(): void;
}

const VECTOR_DEVIATION = 0.02;

/**
 * Rows to begin training from. Vectors are small and the bias is the logarithm of popularity, so that the first softmax is
 * popularity: without that, the first five epochs on ml-100k went into learning it.
 * @param popularity [items] above 0
 */
export function initialItemRows(popularity: Float32Array, embedding: number, random: Random): ItemRows {
  return {
    itemVectors: Float32Array.from({ length: popularity.length * embedding }, () => VECTOR_DEVIATION * random.normal()),
    itemBias: popularityBias(popularity),
  };
}

/** All rows as tensors of TensorFlow, under the softmax over all of them: for a catalogue of up to some tens of thousands. */
export class DenseItemTable implements ItemTable {
  readonly #vectors: AdamParameter;
  readonly #bias: AdamParameter;

  constructor(
    private readonly tensorflow: TensorFlow,
    settings: AdamSettings,
    { itemVectors, itemBias }: ItemRows,
  ) {
    const items = itemBias.length;
    this.#vectors = new AdamParameter(tensorflow, settings, itemVectors, [items, itemVectors.length / items]);
    this.#bias = new AdamParameter(tensorflow, settings, itemBias, [items]);
  }

  begin(batch: TrainingBatch): ItemTableStep {
    const { tf } = this.tensorflow;
    const vectors = this.#vectors.value as Tensor2D;
    const [items, embedding] = vectors.shape;
    const places = tf.tensor1d(batch.inputs, 'int32');
    let result: SoftmaxLoss;
    return {
      inputs: tf.gather(vectors, places),
      loss: (outputs) => {
        const weightSum = batch.weights.reduce((sum, weight) => sum + weight, 0);
        result = softmaxLoss(
          this.tensorflow,
          this.#withOnes(outputs),
          this.#table('value'),
          batch.targets,
          batch.weights.map((weight) => weight / weightSum),
        );
        return { loss: result.loss, byOutputs: tf.slice(result.outputs, [0, 0], [-1, embedding]) };
      },
      gradient: (byInputs) => ({
        vectors: tf.add(
          tf.slice(result.table, [0, 0], [-1, embedding]),
          tf.unsortedSegmentSum(byInputs, places as Tensor1D, items),
        ),
        bias: tf.reshape(tf.slice(result.table, [0, embedding], [-1, 1]), [items]),
      }),
      learn: ({ vectors: byVectors, bias }) => {
        this.#vectors.step(byVectors);
        this.#bias.step(bias);
      },
    };
  }

  vectors(items: Int32Array): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.gather(this.#vectors.average as Tensor2D, tf.tensor1d(items, 'int32'));
  }

  logits(outputs: Tensor2D): Tensor2D {
    return this.tensorflow.tf.matMul(this.#withOnes(outputs), this.#table('average'), false, true);
  }

  rows(): ItemRows {
    return {
      itemVectors: this.#vectors.average.dataSync().slice() as Float32Array,
      itemBias: this.#bias.average.dataSync().slice() as Float32Array,
    };
  }

  restore({ itemVectors, itemBias }: ItemRows): void {
    this.#vectors.restore(itemVectors);
    this.#bias.restore(itemBias);
  }

  save(): Saved {
    return { vectors: this.#vectors.save(), bias: this.#bias.save() };
  }

  load({ vectors, bias }: Saved): void {
    this.#vectors.load(vectors as Saved);
    this.#bias.load(bias as Saved);
  }

  dispose(): void {
    this.#vectors.dispose();
    this.#bias.dispose();
  }

  /** Item vectors with the bias as one more column, which meets the 1 that `#withOnes` puts behind the outputs. */
  #table(which: 'value' | 'average'): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.concat([this.#vectors[which] as Tensor2D, tf.expandDims(this.#bias[which], 1) as Tensor2D], 1);
  }

  #withOnes(outputs: Tensor2D): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.concat([outputs, tf.ones([outputs.shape[0], 1])], 1);
  }
}
