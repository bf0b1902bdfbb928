import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { History } from '../data/sequences';
import type { Asked, NetworkFeatures } from '../features/networkFeatures';
import type { Saved } from '../training/checkpoint';
import { dropoutMask } from './dropout';
import type { Encoder, NetworkWeights, TrainingBatch } from './encoder';
import type { ItemRowsGradient, ItemTable, ItemTableStep } from './itemTable';
import type { TensorFlow } from './tensorflow';

/** The gradient of a batch's mean loss. */
export interface NetworkGradient {
  loss: number;
  items: ItemRowsGradient;
  /** By each of the encoder's parameters. */
  encoder: Record<string, Tensor>;
}

/** One pass over a batch, ready to be learned. */
interface Pass {
  gradient: NetworkGradient;
  learn(): void;
}

/**
 * A network while it learns: item vectors at both ends, an encoder between them. All of it lives in TensorFlow until
 * `dispose`. Gradients are written out by hand rather than left to the tape, for speed: see `softmaxLoss` and the encoders.
 */
export class NetworkTrainer {
  /**
   * @param dropout share of the item vectors' and of the output's values that are dropped
   * @param features what is known beside the items that users touched. The item table has those of items
   */
  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly items: ItemTable,
    private readonly encoder: Encoder,
    private readonly dropout: number,
    private readonly random: Random,
    private readonly features?: NetworkFeatures,
  ) {}

  /** The latest events of a history that are read. */
  get maxHistory(): number {
    return this.encoder.maxHistory;
  }

  /** A copy of the averaged parameters. */
  weights(): NetworkWeights {
    const features = this.features?.averages();
    return { ...this.items.rows(), encoder: this.encoder.parameters.averages(), ...(features && { features }) };
  }

  /** Puts parameters back to what `weights` gave. The optimiser's moments stay as they are. */
  restore({ encoder, features, ...rows }: NetworkWeights): void {
    if (features) this.features?.restore(features);
    this.items.restore(rows);
    this.encoder.parameters.restore(encoder);
  }

  /**
   * Learns one batch.
   * @param rows the row of the dataset of each event of the batch's sequences. Absent: they are the dataset's own
   * @returns the mean loss of its predictions, in nats
   */
  learn(batch: TrainingBatch, rows?: Int32Array): number {
    return this.tensorflow.tf.tidy(() => {
      const { gradient, learn } = this.#pass(batch, rows);
      learn();
      return gradient.loss;
    });
  }

  /** The gradient of a batch's mean loss, with nothing learned. */
  gradient(batch: TrainingBatch): NetworkGradient {
    return this.#pass(batch, undefined).gradient;
  }

  #pass(given: TrainingBatch, rows: Int32Array | undefined): Pass {
    const { tf } = this.tensorflow;
    const { events } = this.features ?? {};
    const asked = this.features?.ask(rowsOf(given.targetRows, rows), this.random);
    const batch = asked ? askAgain(given, asked) : given;
    const table: ItemTableStep = this.items.begin(batch);
    const inputRows = rowsOf(given.inputRows, rows);
    const inputs = events ? tf.add(table.inputs, events.rows('value', inputRows)) : table.inputs;
    const inputMask = this.#mask(table.inputs.shape);
    const pass = this.encoder.forward(tf.mul(inputs, inputMask), batch, this.random);
    const outputs = asked ? this.#withQueries(pass.outputs, asked) : pass.outputs;
    const outputMask = this.#mask(outputs.shape);
    const { loss, byOutputs } = table.loss(tf.mul(outputs, outputMask));
    const byAsked = tf.mul(byOutputs, outputMask) as Tensor2D;
    const by = pass.backward(asked ? tf.slice(byAsked, [0, 0], pass.outputs.shape) : byAsked);
    const byInputs = tf.mul(by.inputs, inputMask) as Tensor2D;
    const gradient = { loss, items: table.gradient(byInputs), encoder: by.parameters };
    const learn = () => {
      table.learn(gradient.items);
      this.encoder.parameters.step(gradient.encoder);
      events?.learn(byInputs, inputRows);
      asked?.learn(byAsked);
      pass.carry?.();
    };
    return { gradient, learn };
  }

  /** Adds what is known of users and requests, and puts the predictions without history behind the others. */
  #withQueries(outputs: Tensor2D, { cold, vectors }: Asked): Tensor2D {
    const { tf } = this.tensorflow;
    const nothing = tf.zeros([cold, outputs.shape[1]]) as Tensor2D;
    return tf.add(cold > 0 ? tf.concat([outputs, nothing], 0) : outputs, vectors);
  }

  /**
   * The logits of the next item after each history by the averaged parameters, without dropout: [histories * items].
   * @param histories none empty
   * @param targetRows [histories] the row of the dataset whose user and context count. Absent: nothing is known of them
   */
  logits(histories: readonly History[], targetRows?: Int32Array): Float32Array {
    const { tf } = this.tensorflow;
    const logits = tf.tidy(() => {
      const layout = this.encoder.layout(histories);
      const { events } = this.features ?? {};
      let inputs = this.items.vectors(layout.inputs);
      if (events) inputs = tf.add(inputs, events.rows('average', this.#layoutRows(histories)));
      const outputs = this.encoder.read(inputs, layout);
      const queries = targetRows && this.features?.queries(targetRows);
      return this.items.logits(queries ? tf.add(outputs, queries) : outputs);
    });
    // Read outside of tidy, which would look for tensors in every one of the numbers: four times the work itself.
    const values = logits.dataSync() as Float32Array;
    logits.dispose();
    return values;
  }

  /** The row of the dataset at each place of a layout: rows laid out as if they were items. Idle places count for nothing. */
  #layoutRows(histories: readonly History[]): Int32Array {
    const rows = histories.map(({ items, timestamps, rows = items.map(() => -1) }) => ({ items: rows, timestamps }));
    return this.encoder.layout(rows).inputs;
  }

  /** All that the next batches depend on, the random generator aside. */
  save(): Saved {
    const { parameters } = this.encoder;
    return {
      items: this.items.save(),
      parameters: parameters.save(),
      ...(this.features && { features: this.features.save() }),
      ...(this.encoder.saveCarried && { carried: this.encoder.saveCarried() }),
    };
  }

  /** Goes on from what `save` gave. */
  load({ items, parameters, carried, features }: Saved): void {
    this.items.load(items as Saved);
    this.encoder.parameters.load(parameters as Saved);
    this.encoder.loadCarried?.(carried as Saved);
    this.features?.load(features as Saved);
  }

  dispose(): void {
    this.features?.dispose();
    this.items.dispose();
    this.encoder.dispose();
  }

  #mask(shape: [number, number]): Tensor2D {
    return this.tensorflow.tf.tensor2d(dropoutMask(shape[0] * shape[1], this.dropout, this.random), shape);
  }
}

/** Rows of the dataset, of rows of sequences. -1 stays -1. */
function rowsOf(sequenceRows: Int32Array, rows: Int32Array | undefined): Int32Array {
  return rows ? sequenceRows.map((row) => (row < 0 ? -1 : rows[row]!)) : sequenceRows;
}

/** The batch with the predictions without history behind its own. */
function askAgain(batch: TrainingBatch, { predictions }: Asked): TrainingBatch {
  return {
    ...batch,
    targets: predictions.map((prediction) => batch.targets[prediction]!),
    targetRows: predictions.map((prediction) => batch.targetRows[prediction]!),
    weights: Float32Array.from(predictions, (prediction) => batch.weights[prediction]!),
  };
}
