import type { Random } from '../data/random';
import type { NamedTensors } from './parameterSet';

/** The gates of a GRU in the order in which their weights are stored: update, reset, candidate. */
export const GATES = 3;

/** Sizes of one network. */
export interface GruSizes {
  /** Length of an item's vector. */
  embedding: number;
  /** Length of the hidden state. */
  hidden: number;
}

/**
 * The shapes of the GRU's parameters. With `x` the vector of the item touched, `h` the hidden state before and `h'` after
 * it, `W`, `U`, `b` the input weights, hidden weights and bias of the gates z, r, n:
 *
 *     z = sigmoid(x W_z + b_z + h U_z)
 *     r = sigmoid(x W_r + b_r + h U_r)
 *     n = tanh(x W_n + b_n + r * (h U_n))
 *     h' = n + z * (h - n)
 *     output = h' P + p
 *
 * It is the GRU of Cho et al. (2014) in the form whose reset gate comes after the product, which makes one product of
 * all three gates.
 */
export function gruShapes({ embedding, hidden }: GruSizes) {
  return {
    'gru.input_weights': [GATES, embedding, hidden],
    'gru.hidden_weights': [GATES, hidden, hidden],
    'gru.bias': [GATES, hidden],
    'projection.weights': [hidden, embedding],
    'projection.bias': [embedding],
  } as const;
}

export type GruParameter = keyof ReturnType<typeof gruShapes>;

/** The sizes that these parameters have, if any. */
export function gruSizesOf(weights: NamedTensors): GruSizes {
  const [hidden = 0, embedding = 0] = weights['projection.weights']?.shape ?? [];
  return { embedding, hidden };
}

/** Parameters to begin training from: uniform draws of width 1/sqrt(hidden); biases are 0. */
export function initialGruWeights(sizes: GruSizes, random: Random): NamedTensors {
  return Object.fromEntries(
    Object.entries(gruShapes(sizes)).map(([name, shape]) => {
      const draw = name.endsWith('bias') ? () => 0 : () => (2 * random.uniform() - 1) / Math.sqrt(sizes.hidden);
      const length = shape.reduce((product: number, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from({ length }, draw) }];
    }),
  );
}
