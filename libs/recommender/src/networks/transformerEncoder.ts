import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random';
import type { History, Sequences } from '../data/sequences';
import { TIME_BUCKETS } from '../features/timeBuckets';
import type { AdamSettings } from './adam';
import { attend } from './attention';
import { dropoutMask } from './dropout';
import type { Encoder, EncoderPass } from './encoder';
import { layerNorm } from './layerNorm';
import { type NamedTensors, ParameterSet } from './parameterSet';
import type { TensorFlow } from './tensorflow';
import { type LayerParameter, layerName, type TransformerSizes, transformerSizesOf } from './transformer';
import {
  HIDDEN,
  type WindowBatch,
  type WindowLayout,
  type WindowSettings,
  windowBatchCount,
  windowBatches,
  windowsOf,
} from './windowBatches';

export interface TransformerEncoderSettings extends AdamSettings, WindowSettings {
  /** Share of what each part of a layer adds that is dropped. */
  layerDropout: number;
}

/** Logit of what must not be seen. */
const NOT_SEEN = -1e9;

/** The way back through one layer: the gradient by its input, from that by its output. */
type Backward = (byOutput: Tensor2D) => Tensor2D;

/** The transformer of the recipe aws-user-personalization-v2 while it learns. `transformerShapes` has its equations. */
export class TransformerEncoder implements Encoder<WindowLayout, WindowBatch> {
  readonly parameters: ParameterSet;
  readonly maxHistory: number;
  readonly #sizes: TransformerSizes;

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly settings: TransformerEncoderSettings,
    initial: NamedTensors,
  ) {
    this.parameters = new ParameterSet(tensorflow, settings, initial);
    this.#sizes = transformerSizesOf(initial);
    this.maxHistory = this.#sizes.window;
  }

  batches(sequences: Sequences, eventWeights: Float32Array, random: Random): Generator<WindowBatch> {
    return windowBatches(sequences, eventWeights, this.settings, random);
  }

  batchCount(sequences: Sequences): number {
    return windowBatchCount(sequences, this.settings);
  }

  forward(inputs: Tensor2D, batch: WindowBatch, random: Random): EncoderPass {
    const { tf } = this.tensorflow;
    const parameters: Record<string, Tensor> = {};
    const bias = this.#bias(batch, 'value');
    const byBias: Tensor3D[] = [];
    const drop = (shape: readonly number[]) => this.#mask(shape, random);
    let state = inputs;
    const way: Backward[] = [];
    for (let layer = 0; layer < this.#sizes.layers; layer++) {
      const attention = this.#attention(state, layer, bias, 'value', drop);
      const feedForward = this.#feedForward(attention.output, layer, 'value', drop);
      state = feedForward.output;
      way.unshift((byOutput) => attention.backward(feedForward.backward(byOutput, parameters), parameters, byBias));
    }
    const norm = this.#norm(state, 'norm', 'value');
    const all = batch.places.length === inputs.shape[0];
    const places = tf.tensor1d(batch.places, 'int32');
    return {
      outputs: all ? norm.output : tf.gather(norm.output, places),
      backward: (byOutputs) => {
        const byNorm = all ? byOutputs : tf.unsortedSegmentSum(byOutputs, places as Tensor1D, inputs.shape[0]);
        const by = norm.backward(byNorm as Tensor2D);
        parameters['norm.scale'] = by.scale;
        parameters['norm.shift'] = by.shift;
        const byInputs = way.reduce((gradient, backward) => backward(gradient), by.input);
        this.#addBiasGradients(batch, byBias, parameters);
        return { inputs: byInputs, parameters };
      },
    };
  }

  layout(histories: readonly History[]): WindowLayout {
    return windowsOf(histories);
  }

  read(inputs: Tensor2D, layout: WindowLayout): Tensor2D {
    const { tf } = this.tensorflow;
    const bias = this.#bias(layout, 'average');
    let state = inputs;
    for (let layer = 0; layer < this.#sizes.layers; layer++) {
      const { output } = this.#attention(state, layer, bias, 'average');
      state = this.#feedForward(output, layer, 'average').output;
    }
    const lasts = tf.gather(state, tf.tensor1d(layout.lasts, 'int32'));
    return this.#norm(lasts, 'norm', 'average').output;
  }

  dispose(): void {
    this.parameters.dispose();
  }

  #attention(
    input: Tensor2D,
    layer: number,
    bias: Tensor3D,
    which: 'value' | 'average',
    drop?: (shape: readonly number[]) => Tensor2D,
  ) {
    const { tf } = this.tensorflow;
    const norm = this.#norm(input, layerName(layer, 'attention.norm.scale').slice(0, -6), which);
    const weights = (name: LayerParameter) => this.parameters.tensor(layerName(layer, name), which) as Tensor3D;
    const attention = attend(
      this.tensorflow,
      norm.output,
      weights('attention.input_weights'),
      weights('attention.output_weights'),
      bias,
    );
    const mask = drop?.(input.shape);
    return {
      output: tf.add(input, mask ? tf.mul(attention.output, mask) : attention.output) as Tensor2D,
      backward: (byOutput: Tensor2D, into: Record<string, Tensor>, byBias: Tensor3D[]): Tensor2D => {
        const by = attention.backward(mask ? tf.mul(byOutput, mask) : byOutput);
        const byNorm = norm.backward(by.input);
        into[layerName(layer, 'attention.input_weights')] = by.inputWeights;
        into[layerName(layer, 'attention.output_weights')] = by.outputWeights;
        into[layerName(layer, 'attention.norm.scale')] = byNorm.scale;
        into[layerName(layer, 'attention.norm.shift')] = byNorm.shift;
        byBias.push(by.bias);
        return tf.add(byOutput, byNorm.input);
      },
    };
  }

  #feedForward(
    input: Tensor2D,
    layer: number,
    which: 'value' | 'average',
    drop?: (shape: readonly number[]) => Tensor2D,
  ) {
    const { tf } = this.tensorflow;
    const tensor = (name: LayerParameter) => this.parameters.tensor(layerName(layer, name), which) as Tensor2D;
    const norm = this.#norm(input, layerName(layer, 'feed_forward.norm.scale').slice(0, -6), which);
    const [inWeights, outWeights] = [tensor('feed_forward.input_weights'), tensor('feed_forward.output_weights')];
    const active = tf.relu(tf.add(tf.matMul(norm.output, inWeights), tensor('feed_forward.input_bias'))) as Tensor2D;
    const added = tf.add(tf.matMul(active, outWeights), tensor('feed_forward.output_bias'));
    const mask = drop?.(input.shape);
    return {
      output: tf.add(input, mask ? tf.mul(added, mask) : added) as Tensor2D,
      backward: (byOutput: Tensor2D, into: Record<string, Tensor>): Tensor2D => {
        const byAdded = mask ? tf.mul(byOutput, mask) : byOutput;
        const byActive = tf.mul(tf.matMul(byAdded, outWeights, false, true), tf.step(active)) as Tensor2D;
        const byNorm = norm.backward(tf.matMul(byActive, inWeights, false, true));
        into[layerName(layer, 'feed_forward.input_weights')] = tf.matMul(norm.output, byActive, true, false);
        into[layerName(layer, 'feed_forward.input_bias')] = tf.sum(byActive, 0);
        into[layerName(layer, 'feed_forward.output_weights')] = tf.matMul(active, byAdded, true, false);
        into[layerName(layer, 'feed_forward.output_bias')] = tf.sum(byAdded, 0);
        into[layerName(layer, 'feed_forward.norm.scale')] = byNorm.scale;
        into[layerName(layer, 'feed_forward.norm.shift')] = byNorm.shift;
        return tf.add(byOutput, byNorm.input);
      },
    };
  }

  #norm(input: Tensor2D, name: string, which: 'value' | 'average') {
    const of = (part: 'scale' | 'shift') => this.parameters.tensor(`${name}.${part}`, which) as Tensor1D;
    return layerNorm(this.tensorflow, input, of('scale'), of('shift'));
  }

  /** What is added to the attention's logits: [heads * lanes, length, length]. */
  #bias({ lanes, length, pairs }: WindowLayout, which: 'value' | 'average'): Tensor3D {
    const { tf } = this.tensorflow;
    const { heads } = this.#sizes;
    const hidden = tf.fill([heads, HIDDEN + 1 - TIME_BUCKETS], NOT_SEEN);
    const byTime = tf.concat([this.parameters.tensor('attention.time_bias', which) as Tensor2D, hidden as Tensor2D], 1);
    const times = tf.gather(byTime, tf.tensor1d(pairs, 'int32'), 1);
    const byDistance = this.parameters.tensor('attention.position_bias', which);
    const distances = tf.gather(byDistance, tf.tensor1d(distancesOf(length), 'int32'), 1);
    const sum = tf.add(
      tf.reshape(times, [heads, lanes, length, length]),
      tf.reshape(distances, [heads, 1, length, length]),
    );
    return tf.reshape(sum, [heads * lanes, length, length]);
  }

  /** Adds up what the layers say of the biases that they share. */
  #addBiasGradients(
    { lanes, length, pairs }: WindowLayout,
    byBias: readonly Tensor3D[],
    into: Record<string, Tensor>,
  ): void {
    const { tf } = this.tensorflow;
    const { heads, window } = this.#sizes;
    const sum = byBias.reduce((total, gradient) => tf.add(total, gradient));
    const byHead = tf.unstack(tf.reshape(sum, [heads, lanes * length * length]));
    const pairIndex = tf.tensor1d(pairs, 'int32');
    const byTime = byHead.map((of) => tf.unsortedSegmentSum(of, pairIndex, HIDDEN + 1));
    into['attention.time_bias'] = tf.slice(tf.stack(byTime) as Tensor2D, [0, 0], [heads, TIME_BUCKETS]);
    const distances = tf.tensor1d(distancesOf(length), 'int32');
    const byDistance = byHead.map((of) =>
      tf.unsortedSegmentSum(tf.sum(tf.reshape(of, [lanes, length * length]), 0), distances, window),
    );
    into['attention.position_bias'] = tf.stack(byDistance);
  }

  #mask(shape: readonly number[], random: Random): Tensor2D {
    const [rows, width] = shape as [number, number];
    return this.tensorflow.tf.tensor2d(dropoutMask(rows * width, this.settings.layerDropout, random), [rows, width]);
  }
}

/** How far back each place of a lane is from each: [length * length], 0 where it is ahead. */
function distancesOf(length: number): Int32Array {
  return Int32Array.from({ length: length * length }, (_, pair) =>
    Math.max(0, Math.floor(pair / length) - (pair % length)),
  );
}
