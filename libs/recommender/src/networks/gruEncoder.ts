import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { History, Sequences } from '../data/sequences';
import type { Saved } from '../training/checkpoint';
import type { AdamSettings } from './adam';
import type { Encoder, EncoderPass } from './encoder';
import { type GruParameter, type GruSizes, gruSizesOf } from './gru';
import { type LaneBatch, type LaneLayout, type LaneSettings, laneBatches, predictionCount } from './laneBatches';
import { type NamedTensors, ParameterSet } from './parameterSet';
import { type Keep, lastState, recur, recurBackward } from './recurrence';
import type { TensorFlow } from './tensorflow';

/** The GRU of the recipe aws-user-personalization while it learns. `gruShapes` has its equations. */
export class GruEncoder implements Encoder<LaneLayout, LaneBatch> {
  readonly parameters: ParameterSet;
  readonly maxHistory: number;
  readonly #sizes: GruSizes;
  /** Each lane's state at the end of the last batch. */
  #carried: Tensor2D;

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly settings: AdamSettings & LaneSettings,
    initial: NamedTensors,
  ) {
    const { tf } = tensorflow;
    this.maxHistory = settings.maxHistory;
    this.parameters = new ParameterSet(tensorflow, settings, initial);
    this.#sizes = gruSizesOf(initial);
    this.#carried = tf.keep(tf.zeros([settings.lanes, this.#sizes.hidden]));
  }

  batches(sequences: Sequences, eventWeights: Float32Array, random: Random): Generator<LaneBatch> {
    return laneBatches(sequences, eventWeights, this.settings, random);
  }

  batchCount(sequences: Sequences): number {
    return Math.ceil(predictionCount(sequences) / (this.settings.lanes * this.settings.steps));
  }

  forward(inputs: Tensor2D, batch: LaneBatch): EncoderPass {
    const { tf } = this.tensorflow;
    const { hidden } = this.#sizes;
    const { steps, lanes } = batch;
    const rows = steps * lanes;
    const [inputWeights, hiddenWeights] = [
      this.#value<Tensor3D>('gru.input_weights'),
      this.#value<Tensor3D>('gru.hidden_weights'),
    ];
    const projection = this.#value<Tensor2D>('projection.weights');
    const keeps = batch.beginnings.map((begun) => this.#keep(begun, lanes));
    const trace = recur(this.tensorflow, this.#gateInputs(inputs, 'value'), hiddenWeights, this.#carried, keeps);
    const after = tf.reshape(trace.after, [rows, hidden]);
    const all = batch.places.length === rows;
    const places = tf.tensor1d(batch.places, 'int32');
    const states = (all ? after : tf.gather(after, places)) as Tensor2D;
    return {
      outputs: tf.add(tf.matMul(states, projection), this.#value('projection.bias')),
      backward: (byOutputs) => {
        const byStates = tf.matMul(byOutputs, projection, false, true);
        const byAfter = all ? byStates : tf.unsortedSegmentSum(byStates, places, rows);
        const upstream = tf.reshape(byAfter, [steps, lanes, hidden]) as Tensor3D;
        const recurrence = recurBackward(this.tensorflow, trace, hiddenWeights, keeps, upstream);
        const parameters: Record<GruParameter, Tensor> = {
          'gru.input_weights': tf.matMul(inputs, recurrence.inputs, true, false),
          'gru.hidden_weights': recurrence.hiddenWeights,
          'gru.bias': tf.sum(recurrence.inputs, 1),
          'projection.weights': tf.matMul(states, byOutputs, true, false),
          'projection.bias': tf.sum(byOutputs, 0),
        };
        return { inputs: tf.sum(tf.matMul(recurrence.inputs, inputWeights, false, true), 0), parameters };
      },
      carry: () => {
        this.#carried.dispose();
        const last = tf.slice(trace.after, [steps - 1, 0, 0], [1, lanes, hidden]);
        this.#carried = tf.keep(tf.squeeze(last, [0]) as Tensor2D);
      },
    };
  }

  layout(histories: readonly History[]): LaneLayout {
    const lanes = histories.length;
    const steps = Math.max(...histories.map(({ items }) => items.length));
    const inputs = new Int32Array(steps * lanes);
    const beginnings: number[][] = Array.from({ length: steps }, () => []);
    histories.forEach(({ items }, lane) => {
      const first = steps - items.length;
      beginnings[first]!.push(lane);
      items.forEach((item, index) => {
        inputs[(first + index) * lanes + lane] = item;
      });
    });
    return { steps, lanes, inputs, beginnings };
  }

  read(inputs: Tensor2D, { lanes, beginnings }: LaneLayout): Tensor2D {
    const { tf } = this.tensorflow;
    const last = lastState(
      this.tensorflow,
      this.#gateInputs(inputs, 'average'),
      this.parameters.tensor('gru.hidden_weights', 'average') as Tensor3D,
      beginnings.map((begun) => this.#keep(begun, lanes)),
    );
    const projection = this.parameters.tensor('projection.weights', 'average') as Tensor2D;
    return tf.add(tf.matMul(last, projection), this.parameters.tensor('projection.bias', 'average'));
  }

  saveCarried(): Saved {
    return { states: this.#carried.dataSync().slice() };
  }

  loadCarried({ states }: Saved): void {
    const { tf } = this.tensorflow;
    const { shape } = this.#carried;
    this.#carried.dispose();
    this.#carried = tf.keep(tf.tensor2d(states as Float32Array, shape));
  }

  dispose(): void {
    this.parameters.dispose();
    this.#carried.dispose();
  }

  #value<Kind extends Tensor>(name: GruParameter): Kind {
    return this.parameters.tensor(name, 'value') as Kind;
  }

  /** x W + b of all gates: [3, rows, hidden]. */
  #gateInputs(inputs: Tensor2D, which: 'value' | 'average'): Tensor3D {
    const { tf } = this.tensorflow;
    const weights = this.parameters.tensor('gru.input_weights', which);
    return tf.add(tf.matMul(inputs as Tensor, weights), tf.expandDims(this.parameters.tensor('gru.bias', which), 1));
  }

  #keep(begun: readonly number[], lanes: number): Keep {
    if (begun.length === 0) return undefined;
    const keep = new Float32Array(lanes).fill(1);
    for (const lane of begun) keep[lane] = 0;
    return this.tensorflow.tf.tensor2d(keep, [lanes, 1]);
  }
}
