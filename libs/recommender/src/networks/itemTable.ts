import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { FeatureTable } from '../features/featureTable';
import { popularityBias } from '../serving/popularity';
import type { Saved } from '../training/checkpoint';
import { AdamParameter, type AdamSettings } from './adam';
import type { TrainingBatch } from './encoder';
import { type SoftmaxLoss, softmaxLoss } from './softmaxLoss';
import type { TensorFlow } from './tensorflow';

/** The items' vectors and biases. */
export interface ItemRows {
  /** [items, embedding] what is an item's own, and what its features add */
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
  /** What is an item's own. */
  readonly #vectors: AdamParameter;
  readonly #bias: AdamParameter;

  /** @param features what adds to the items' own vectors */
  constructor(
    private readonly tensorflow: TensorFlow,
    settings: AdamSettings,
    { itemVectors, itemBias }: ItemRows,
    private readonly features?: FeatureTable,
  ) {
    const items = itemBias.length;
    const own = this.#withoutFeatures(itemVectors);
    this.#vectors = new AdamParameter(tensorflow, settings, own, [items, itemVectors.length / items]);
    this.#bias = new AdamParameter(tensorflow, settings, itemBias, [items]);
  }

  begin(batch: TrainingBatch): ItemTableStep {
    const { tf } = this.tensorflow;
    const vectors = this.#composed('value');
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
          this.#withBias(vectors, 'value'),
          batch.targets,
          // A batch of events that weigh nothing has nothing to learn.
          batch.weights.map((weight) => (weightSum > 0 ? weight / weightSum : 0)),
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
        this.features?.learn(byVectors);
        this.#bias.step(bias);
      },
    };
  }

  vectors(items: Int32Array): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.gather(this.#composed('average'), tf.tensor1d(items, 'int32'));
  }

  logits(outputs: Tensor2D): Tensor2D {
    const table = this.#withBias(this.#composed('average'), 'average');
    return this.tensorflow.tf.matMul(this.#withOnes(outputs), table, false, true);
  }

  rows(): ItemRows {
    return {
      itemVectors: this.tensorflow.tf.tidy(() => this.#composed('average').dataSync().slice() as Float32Array),
      itemBias: this.#bias.average.dataSync().slice() as Float32Array,
    };
  }

  restore({ itemVectors, itemBias }: ItemRows): void {
    this.#vectors.restore(this.#withoutFeatures(itemVectors));
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

  /** The items' own vectors and what their features add. */
  #composed(which: 'value' | 'average'): Tensor2D {
    const own = this.#vectors[which] as Tensor2D;
    return this.features ? this.tensorflow.tf.add(own, this.features.rows(which)) : own;
  }

  #withoutFeatures(itemVectors: Float32Array): Float32Array {
    const added = this.features?.rowData('average');
    return added ? itemVectors.map((value, index) => value - added[index]!) : itemVectors;
  }

  /** Item vectors with the bias as one more column, which meets the 1 that `#withOnes` puts behind the outputs. */
  #withBias(vectors: Tensor2D, which: 'value' | 'average'): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.concat([vectors, tf.expandDims(this.#bias[which], 1) as Tensor2D], 1);
  }

  #withOnes(outputs: Tensor2D): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.concat([outputs, tf.ones([outputs.shape[0], 1])], 1);
  }
}
