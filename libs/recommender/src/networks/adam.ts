import type { Tensor } from '@tensorflow/tfjs-core';
import type { Saved } from '../training/checkpoint';
import type { TensorFlow } from './tensorflow';

export interface AdamSettings {
  learningRate: number;
  /** Steps over which the averaged parameters look back. */
  averagingSteps: number;
}

/** Decay of the two moments' averages. The second forgets sooner than the usual .999: batches here are few. */
const [FIRST_DECAY, SECOND_DECAY] = [0.9, 0.98];
const EPSILON = 1e-8;

/**
 * One parameter under Adam (Kingma and Ba, 2015), with a running average of its values beside it (Polyak and Juditsky,
 * 1992). The average is what is measured and kept: at the same learning rate it is closer to the optimum than the last
 * value, and validation figures jump less from epoch to epoch. All tensors are disposed with the parameter.
 */
export class AdamParameter {
  #value: Tensor;
  #average: Tensor;
  #firstMoment: Tensor;
  #secondMoment: Tensor;
  #steps = 0;

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly settings: AdamSettings,
    values: Float32Array,
    shape: readonly number[],
  ) {
    const { tf } = tensorflow;
    this.#value = tf.keep(tf.tensor(values, shape as number[]));
    this.#average = tf.keep(tf.clone(this.#value));
    this.#firstMoment = tf.keep(tf.zerosLike(this.#value));
    this.#secondMoment = tf.keep(tf.zerosLike(this.#value));
  }

  /** What the gradient is taken at. Valid until the next `step`. */
  get value(): Tensor {
    return this.#value;
  }

  /** What is measured and kept. Valid until the next `step`. */
  get average(): Tensor {
    return this.#average;
  }

  /** Moves against the gradient. */
  step(gradient: Tensor): void {
    const { tf } = this.tensorflow;
    const { learningRate, averagingSteps } = this.settings;
    this.#steps++;
    const firstBias = 1 - FIRST_DECAY ** this.#steps;
    const secondBias = Math.sqrt(1 - SECOND_DECAY ** this.#steps);
    // Both moments start at zero; dividing that out of the step size saves a pass over each.
    const stepSize = (learningRate * secondBias) / firstBias;
    const averagingShare = Math.max(1 / this.#steps, 1 / averagingSteps);
    const towards = (from: Tensor, to: Tensor, share: number): Tensor =>
      tf.keep(tf.add(from, tf.mul(tf.sub(to, from), share)));
    tf.tidy(() => {
      const first = towards(this.#firstMoment, gradient, 1 - FIRST_DECAY);
      const second = towards(this.#secondMoment, tf.square(gradient), 1 - SECOND_DECAY);
      const direction = tf.div(first, tf.add(tf.sqrt(second), EPSILON * secondBias));
      const value = tf.keep(tf.sub(this.#value, tf.mul(direction, stepSize)));
      const average = towards(this.#average, value, averagingShare);
      this.dispose();
      [this.#value, this.#average, this.#firstMoment, this.#secondMoment] = [value, average, first, second];
    });
  }

  /** Puts value and average to these numbers; the moments stay. */
  restore(values: Float32Array): void {
    const { tf } = this.tensorflow;
    const restored = tf.keep(tf.tensor(values, this.#value.shape));
    this.#value.dispose();
    this.#average.dispose();
    this.#value = restored;
    this.#average = tf.keep(tf.clone(restored));
  }

  /** All that the next steps depend on. */
  save(): Saved {
    const numbers = (tensor: Tensor) => tensor.dataSync().slice();
    return {
      steps: this.#steps,
      value: numbers(this.#value),
      average: numbers(this.#average),
      firstMoment: numbers(this.#firstMoment),
      secondMoment: numbers(this.#secondMoment),
    };
  }

  /** Goes on from what `save` gave. */
  load(saved: Saved): void {
    const { tf } = this.tensorflow;
    const { shape } = this.#value;
    const tensor = (name: string) => tf.keep(tf.tensor(saved[name] as Float32Array, shape));
    this.dispose();
    this.#steps = saved.steps as number;
    this.#value = tensor('value');
    this.#average = tensor('average');
    this.#firstMoment = tensor('firstMoment');
    this.#secondMoment = tensor('secondMoment');
  }

  dispose(): void {
    for (const tensor of [this.#value, this.#average, this.#firstMoment, this.#secondMoment]) tensor.dispose();
  }
}
