import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { AdamParameter, type AdamSettings } from './adam';
import { dropoutMask } from './dropout';
import { GRU_WEIGHT_NAMES, type GruSizes, type GruWeightName, type GruWeights, gruShapes } from './gruWeights';
import type { LaneBatch } from './laneBatches';
import type { Random } from './random';
import { type Keep, lastState, recur, recurBackward } from './recurrence';
import { softmaxLoss } from './softmaxLoss';
import type { TensorFlow } from './tensorflow';

export interface GruTrainerSettings extends AdamSettings {
  sizes: GruSizes;
  /** Histories side by side in a batch. */
  lanes: number;
  /** Share of the item vectors' and of the output's values that are dropped. */
  dropout: number;
}

/** The parameters as tensors of their shapes. */
interface GruTensors {
  readonly itemVectors: Tensor2D;
  readonly itemBias: Tensor1D;
  readonly inputWeights: Tensor3D;
  readonly hiddenWeights: Tensor3D;
  readonly gateBias: Tensor2D;
  readonly projectionWeights: Tensor2D;
  readonly projectionBias: Tensor1D;
}

/**
 * The network while it learns: parameters and optimiser live in TensorFlow until `dispose`. The gradient is written
 * out by hand rather than left to the tape, for speed: see `recurBackward` and `softmaxLoss`.
 */
export class GruTrainer {
  readonly #parameters: Readonly<Record<GruWeightName, AdamParameter>>;
  /** Each lane's state at the end of the last batch. */
  #carried: Tensor2D;

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly settings: GruTrainerSettings,
    initial: GruWeights,
    private readonly random: Random,
  ) {
    const { tf } = tensorflow;
    const shapes = gruShapes(settings.sizes);
    this.#parameters = perWeight((name) => new AdamParameter(tensorflow, settings, initial[name], shapes[name]));
    this.#carried = tf.zeros([settings.lanes, settings.sizes.hidden]);
  }

  /** A copy of the averaged parameters. */
  weights(): GruWeights {
    return perWeight((name) => this.#parameters[name].average.dataSync().slice() as Float32Array);
  }

  /** Puts parameters back to what `weights` gave. The optimiser's moments stay as they are. */
  restore(weights: GruWeights): void {
    for (const name of GRU_WEIGHT_NAMES) this.#parameters[name].restore(weights[name]);
  }

  /** Learns one batch. @returns the mean loss of its predictions, in nats */
  learn(batch: LaneBatch): number {
    const { tf } = this.tensorflow;
    return tf.tidy(() => {
      const { gradients, loss, state } = this.gradient(batch);
      for (const name of GRU_WEIGHT_NAMES) this.#parameters[name].step(gradients[name]);
      this.#carried.dispose();
      this.#carried = tf.keep(state);
      return loss;
    });
  }

  /** The gradient of a batch's mean loss by each parameter, and the state of each lane after the batch. */
  gradient(batch: LaneBatch): { gradients: Record<GruWeightName, Tensor>; loss: number; state: Tensor2D } {
    const { tf } = this.tensorflow;
    const { sizes, dropout } = this.settings;
    const { steps, lanes } = batch;
    const rows = steps * lanes;
    const now = this.#tensors('value');
    const keeps = batch.beginnings.map((begun) => this.#keep(begun, lanes));
    const inputs = tf.tensor1d(batch.inputs, 'int32');

    const inputMask = this.#mask([rows, sizes.embedding], dropout);
    const vectors = tf.mul(tf.gather(now.itemVectors, inputs), inputMask);
    const trace = recur(this.tensorflow, this.#gateInputs(vectors, now), now.hiddenWeights, this.#carried, keeps);

    const after = tf.reshape(trace.after, [rows, sizes.hidden]);
    const all = batch.places.length === rows;
    const places = tf.tensor1d(batch.places, 'int32');
    const states = (all ? after : tf.gather(after, places)) as Tensor2D;
    const outputMask = this.#mask([batch.places.length, sizes.embedding], dropout);
    const projected = tf.add(tf.matMul(states, now.projectionWeights), now.projectionBias);
    const outputs = withOnes(this.tensorflow, tf.mul(projected, outputMask));
    const weightSum = batch.weights.reduce((sum, weight) => sum + weight, 0);
    const result = softmaxLoss(
      this.tensorflow,
      outputs,
      this.#outputTable(now),
      batch.targets,
      batch.weights.map((weight) => weight / weightSum),
    );

    const byProjected = tf.mul(tf.slice(result.outputs, [0, 0], [-1, sizes.embedding]), outputMask) as Tensor2D;
    const byStates = tf.matMul(byProjected, now.projectionWeights, false, true);
    const byAfter = all ? byStates : tf.unsortedSegmentSum(byStates, places, rows);
    const recurrence = recurBackward(
      this.tensorflow,
      trace,
      now.hiddenWeights,
      keeps,
      tf.reshape(byAfter, [steps, lanes, sizes.hidden]),
    );
    const byVectors = tf.mul(tf.sum(tf.matMul(recurrence.inputs, now.inputWeights, false, true), 0), inputMask);
    return {
      gradients: {
        itemVectors: tf.add(
          tf.slice(result.table, [0, 0], [-1, sizes.embedding]),
          tf.unsortedSegmentSum(byVectors, inputs as Tensor1D, sizes.items),
        ),
        itemBias: tf.reshape(tf.slice(result.table, [0, sizes.embedding], [-1, 1]), [sizes.items]),
        inputWeights: tf.matMul(vectors as Tensor2D, recurrence.inputs, true, false),
        hiddenWeights: recurrence.hiddenWeights,
        gateBias: tf.sum(recurrence.inputs, 1),
        projectionWeights: tf.matMul(states, byProjected, true, false),
        projectionBias: tf.sum(byProjected, 0),
      },
      loss: result.loss,
      state: tf.squeeze(tf.slice(trace.after, [steps - 1, 0, 0], [1, lanes, sizes.hidden]), [0]) as Tensor2D,
    };
  }

  /**
   * The logits of the next item after each history by the averaged parameters, without dropout: [histories * items].
   * @param histories item indices, oldest first; none empty
   */
  logits(histories: readonly Int32Array[]): Float32Array {
    const { tf } = this.tensorflow;
    const lanes = histories.length;
    const steps = Math.max(...histories.map((history) => history.length));
    const logits = tf.tidy(() => {
      const kept = this.#tensors('average');
      const inputs = new Int32Array(steps * lanes);
      const begun: number[][] = Array.from({ length: steps }, () => []);
      histories.forEach((history, lane) => {
        const first = steps - history.length;
        begun[first]!.push(lane);
        history.forEach((item, index) => {
          inputs[(first + index) * lanes + lane] = item;
        });
      });
      const vectors = tf.gather(kept.itemVectors, tf.tensor1d(inputs, 'int32'));
      const last = lastState(
        this.tensorflow,
        this.#gateInputs(vectors, kept),
        kept.hiddenWeights,
        begun.map((begunLanes) => this.#keep(begunLanes, lanes)),
      );
      const projected = tf.add(tf.matMul(last, kept.projectionWeights), kept.projectionBias);
      const outputs = withOnes(this.tensorflow, projected);
      return tf.matMul(outputs, this.#outputTable(kept), false, true);
    });
    // Read outside of tidy, which would look for tensors in every one of the numbers: four times the work itself.
    const values = logits.dataSync() as Float32Array;
    logits.dispose();
    return values;
  }

  /** Gives back all memory held in TensorFlow. */
  dispose(): void {
    for (const parameter of Object.values(this.#parameters)) parameter.dispose();
    this.#carried.dispose();
  }

  #tensors(which: 'value' | 'average'): GruTensors {
    return perWeight((name) => this.#parameters[name][which]) as unknown as GruTensors;
  }

  /** x W + b of all gates: [3, rows, hidden]. */
  #gateInputs(vectors: Tensor, { inputWeights, gateBias }: GruTensors): Tensor3D {
    const { tf } = this.tensorflow;
    return tf.add(tf.matMul(vectors, inputWeights), tf.expandDims(gateBias, 1)) as Tensor3D;
  }

  /** Item vectors with the bias as one more column, which meets the 1 that `withOnes` puts behind the outputs. */
  #outputTable({ itemVectors, itemBias }: GruTensors): Tensor2D {
    const { tf } = this.tensorflow;
    return tf.concat([itemVectors, tf.expandDims(itemBias, 1) as Tensor2D], 1);
  }

  #mask(shape: [number, number], rate: number): Tensor2D {
    return this.tensorflow.tf.tensor2d(dropoutMask(shape[0] * shape[1], rate, this.random), shape);
  }

  #keep(begun: readonly number[], lanes: number): Keep {
    if (begun.length === 0) return undefined;
    const keep = new Float32Array(lanes).fill(1);
    for (const lane of begun) keep[lane] = 0;
    return this.tensorflow.tf.tensor2d(keep, [lanes, 1]);
  }
}

function perWeight<Value>(make: (name: GruWeightName) => Value): Record<GruWeightName, Value> {
  return Object.fromEntries(GRU_WEIGHT_NAMES.map((name) => [name, make(name)])) as Record<GruWeightName, Value>;
}

function withOnes({ tf }: TensorFlow, outputs: Tensor): Tensor2D {
  return tf.concat([outputs as Tensor2D, tf.ones([outputs.shape[0]!, 1])], 1);
}
