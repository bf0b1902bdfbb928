import { popularityBias } from './popularity';
import type { Random } from './random';

/** The gates of a GRU in the order in which their weights are stored: update, reset, candidate. */
export const GATES = 3;

/** Sizes of one network. */
export interface GruSizes {
  /** Items of the catalogue. */
  items: number;
  /** Length of an item's vector. */
  embedding: number;
  /** Length of the hidden state. */
  hidden: number;
}

/**
 * The network's parameters, row-major. With `x` the vector of the item touched, `h` the hidden state before and `h'`
 * after it, `W`, `U`, `b` the input weights, hidden weights and bias of the gates z, r, n:
 *
 *     z = sigmoid(x W_z + b_z + h U_z)
 *     r = sigmoid(x W_r + b_r + h U_r)
 *     n = tanh(x W_n + b_n + r * (h U_n))
 *     h' = n + z * (h - n)
 *     logits = (h' P + p) E^T + e
 *
 * It is the GRU of Cho et al. (2014) in the form whose reset gate comes after the product, which makes one product of
 * all three gates. The item vectors `E` serve at both ends (Press and Wolf, 2017).
 */
export interface GruWeights {
  /** E [items, embedding] */
  readonly itemVectors: Float32Array;
  /** e [items] */
  readonly itemBias: Float32Array;
  /** W [3, embedding, hidden] */
  readonly inputWeights: Float32Array;
  /** U [3, hidden, hidden] */
  readonly hiddenWeights: Float32Array;
  /** b [3, hidden] */
  readonly gateBias: Float32Array;
  /** P [hidden, embedding] */
  readonly projectionWeights: Float32Array;
  /** p [embedding] */
  readonly projectionBias: Float32Array;
}

export type GruWeightName = keyof GruWeights;

export const GRU_WEIGHT_NAMES: readonly GruWeightName[] = [
  'itemVectors',
  'itemBias',
  'inputWeights',
  'hiddenWeights',
  'gateBias',
  'projectionWeights',
  'projectionBias',
];

/** The shape of each parameter. */
export function gruShapes({ items, embedding, hidden }: GruSizes): Readonly<Record<GruWeightName, readonly number[]>> {
  return {
    itemVectors: [items, embedding],
    itemBias: [items],
    inputWeights: [GATES, embedding, hidden],
    hiddenWeights: [GATES, hidden, hidden],
    gateBias: [GATES, hidden],
    projectionWeights: [hidden, embedding],
    projectionBias: [embedding],
  };
}

/**
 * Parameters to begin training from. Item vectors are small and the item bias is the logarithm of popularity, so that
 * the first softmax is popularity: without that, the first five epochs on ml-100k went into learning it. The layers
 * draw from a uniform distribution of width 1/sqrt(hidden).
 * @param popularity [items] above 0
 */
export function initialGruWeights(sizes: GruSizes, popularity: Float32Array, random: Random): GruWeights {
  const shapes = gruShapes(sizes);
  const make = (name: GruWeightName, draw: () => number) =>
    Float32Array.from({ length: shapes[name].reduce((product, size) => product * size, 1) }, draw);
  const uniform = () => (2 * random.uniform() - 1) / Math.sqrt(sizes.hidden);
  const zero = () => 0;
  return {
    itemVectors: make('itemVectors', () => ITEM_VECTOR_DEVIATION * random.normal()),
    itemBias: popularityBias(popularity),
    inputWeights: make('inputWeights', uniform),
    hiddenWeights: make('hiddenWeights', uniform),
    gateBias: make('gateBias', zero),
    projectionWeights: make('projectionWeights', uniform),
    projectionBias: make('projectionBias', zero),
  };
}

const ITEM_VECTOR_DEVIATION = 0.02;
