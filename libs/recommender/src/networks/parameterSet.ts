import type { Tensor } from '@tensorflow/tfjs-core';
import type { Saved } from '../training/checkpoint';
import { AdamParameter, type AdamSettings } from './adam';
import type { TensorFlow } from './tensorflow';

/** Numbers with a shape, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters by the names that they have in an artifact. */
export type NamedTensors = Readonly<Record<string, FloatTensor>>;

/** Named parameters under Adam. They live in TensorFlow until `dispose`. */
export class ParameterSet {
  readonly #parameters: ReadonlyMap<string, AdamParameter>;

  constructor(tensorflow: TensorFlow, settings: AdamSettings, initial: NamedTensors) {
    this.#parameters = new Map(
      Object.entries(initial).map(([name, { shape, data }]) => [
        name,
        new AdamParameter(tensorflow, settings, data, shape),
      ]),
    );
  }

  /** What gradients are taken at, or what is measured and kept. Valid until the next `step`. */
  tensor(name: string, which: 'value' | 'average'): Tensor {
    return this.#of(name)[which];
  }

  /** Moves each parameter against its gradient. @param gradients one for every parameter */
  step(gradients: Readonly<Record<string, Tensor>>): void {
    for (const [name, parameter] of this.#parameters) {
      const gradient = gradients[name];
      if (!gradient) throw new Error(`There is no gradient of ${name}.`);
      parameter.step(gradient);
    }
  }

  /** A copy of the averaged parameters. */
  averages(): NamedTensors {
    return Object.fromEntries(
      [...this.#parameters].map(([name, { average }]) => {
        const data = average.dataSync().slice() as Float32Array;
        return [name, { shape: average.shape, data }];
      }),
    );
  }

  /** Puts values and averages to these; the optimiser's moments stay as they are. */
  restore(values: NamedTensors): void {
    for (const [name, { data }] of Object.entries(values)) this.#of(name).restore(data);
  }

  /** All that the next steps depend on. */
  save(): Saved {
    return Object.fromEntries([...this.#parameters].map(([name, parameter]) => [name, parameter.save()]));
  }

  /** Goes on from what `save` gave. */
  load(saved: Saved): void {
    for (const [name, parameter] of this.#parameters) parameter.load(saved[name] as Saved);
  }

  dispose(): void {
    for (const parameter of this.#parameters.values()) parameter.dispose();
  }

  #of(name: string): AdamParameter {
    const parameter = this.#parameters.get(name);
    if (!parameter) throw new Error(`There is no parameter ${name}.`);
    return parameter;
  }
}
