import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Saved } from './checkpoint';
import { dropoutMask } from './dropout';
import type { Encoder, NetworkWeights, TrainingBatch } from './encoder';
import type { ItemRowsGradient, ItemTable, ItemTableStep } from './itemTable';
import type { Random } from './random';
import type { History } from './sequences';
import type { TensorFlow } from './tensorflow';

/** The gradient of a batch's mean loss. */
export interface NetworkGradient {
  loss: number;
  items: ItemRowsGradient;
  /** By each of the encoder's parameters. */
  encoder: Record<string, Tensor>;
}

/**
 * A network while it learns: item vectors at both ends, an encoder between them. All of it lives in TensorFlow until
 * `dispose`. Gradients are written out by hand rather than left to the tape, for speed: see `softmaxLoss` and the encoders.
 */
export class NetworkTrainer {
  /** @param dropout share of the item vectors' and of the output's values that are dropped */
  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly items: ItemTable,
    private readonly encoder: Encoder,
    private readonly dropout: number,
    private readonly random: Random,
  ) {}

  /** The latest events of a history that are read. */
  get maxHistory(): number {
    return this.encoder.maxHistory;
  }

  /** A copy of the averaged parameters. */
  weights(): NetworkWeights {
    return { ...this.items.rows(), encoder: this.encoder.parameters.averages() };
  }

  /** Puts parameters back to what `weights` gave. The optimiser's moments stay as they are. */
  restore({ encoder, ...rows }: NetworkWeights): void {
    this.items.restore(rows);
    this.encoder.parameters.restore(encoder);
  }

  /** Learns one batch. @returns the mean loss of its predictions, in nats */
  learn(batch: TrainingBatch): number {
    return this.tensorflow.tf.tidy(() => {
      const { gradient, table, carry } = this.#pass(batch);
      table.learn(gradient.items);
      this.encoder.parameters.step(gradient.encoder);
      carry();
      return gradient.loss;
    });
  }

  /** The gradient of a batch's mean loss, with nothing learned. */
  gradient(batch: TrainingBatch): NetworkGradient {
    return this.#pass(batch).gradient;
  }

  #pass(batch: TrainingBatch): { gradient: NetworkGradient; table: ItemTableStep; carry: () => void } {
    const { tf } = this.tensorflow;
    const table = this.items.begin(batch);
    const inputMask = this.#mask(table.inputs.shape);
    const pass = this.encoder.forward(tf.mul(table.inputs, inputMask), batch, this.random);
    const outputMask = this.#mask(pass.outputs.shape);
    const { loss, byOutputs } = table.loss(tf.mul(pass.outputs, outputMask));
    const by = pass.backward(tf.mul(byOutputs, outputMask));
    const items = table.gradient(tf.mul(by.inputs, inputMask));
    const gradient = { loss, items, encoder: by.parameters };
    return { gradient, table, carry: () => pass.carry?.() };
  }

  /**
   * The logits of the next item after each history by the averaged parameters, without dropout: [histories * items].
   * @param histories none empty
   */
  logits(histories: readonly History[]): Float32Array {
    const logits = this.tensorflow.tf.tidy(() => {
      const layout = this.encoder.layout(histories);
      return this.items.logits(this.encoder.read(this.items.vectors(layout.inputs), layout));
    });
    // Read outside of tidy, which would look for tensors in every one of the numbers: four times the work itself.
    const values = logits.dataSync() as Float32Array;
    logits.dispose();
    return values;
  }

  /** All that the next batches depend on, the random generator aside. */
  save(): Saved {
    const { parameters } = this.encoder;
    return {
      items: this.items.save(),
      parameters: parameters.save(),
      ...(this.encoder.saveCarried && { carried: this.encoder.saveCarried() }),
    };
  }

  /** Goes on from what `save` gave. */
  load({ items, parameters, carried }: Saved): void {
    this.items.load(items as Saved);
    this.encoder.parameters.load(parameters as Saved);
    this.encoder.loadCarried?.(carried as Saved);
  }

  dispose(): void {
    this.items.dispose();
    this.encoder.dispose();
  }

  #mask(shape: [number, number]): Tensor2D {
    return this.tensorflow.tf.tensor2d(dropoutMask(shape[0] * shape[1], this.dropout, this.random), shape);
  }
}
