import type { Random } from '../data/random';
import { TIME_BUCKETS } from '../features/timeBuckets';
import type { NamedTensors } from './parameterSet';

/** Sizes of one network. */
export interface TransformerSizes {
  /** Length of an item's vector, and of every vector between the layers. */
  embedding: number;
  /** Divides `embedding`. */
  heads: number;
  layers: number;
  /** Events that are read at most, the latest. */
  window: number;
}

/** Width of the feed-forward part against that of the rest. */
const EXPANSION = 2;

/** The parameters of one layer; their names follow `layers.N.`. */
export type LayerParameter =
  | 'attention.norm.scale'
  | 'attention.norm.shift'
  | 'attention.input_weights'
  | 'attention.output_weights'
  | 'feed_forward.norm.scale'
  | 'feed_forward.norm.shift'
  | 'feed_forward.input_weights'
  | 'feed_forward.input_bias'
  | 'feed_forward.output_weights'
  | 'feed_forward.output_bias';

/** The full name of a layer's parameter. @param layer counted from 0 */
export const layerName = (layer: number, name: LayerParameter): string => `layers.${layer}.${name}`;

/**
 * The shapes of the transformer's parameters: SASRec (Kang and McAuley, 2018) with the norm in front of each part and with
 * attention that knows of time (TiSASRec, Li et al., 2020; HSTU, Zhai et al., 2024). With `X` [events, embedding] the vectors
 * of the events, each layer does
 *
 *     N = norm(X);  Q_h, K_h, V_h = N W_qh, N W_kh, N W_vh
 *     A_h[i, j] = softmax over j <= i of Q_h[i] . K_h[j] / sqrt(embedding / heads) + p_h[i - j] + t_h[bucket(time i - time j)]
 *     X = X + sum over h of A_h V_h O_h
 *     X = X + relu(norm(X) F + f) G + g
 *
 * and the output is the norm of the last row. All layers share the biases p by distance and t by time (as in T5, Raffel et
 * al., 2020), which stand in for position embeddings: what matters is how far back and how long ago, not the place in the window.
 */
export function transformerShapes({ embedding, heads, layers, window }: TransformerSizes) {
  const [head, wide] = [embedding / heads, EXPANSION * embedding];
  const shapes: Record<string, readonly number[]> = {
    'attention.position_bias': [heads, window],
    'attention.time_bias': [heads, TIME_BUCKETS],
  };
  for (let layer = 0; layer < layers; layer++) {
    const add = (name: LayerParameter, ...shape: number[]) => {
      shapes[layerName(layer, name)] = shape;
    };
    add('attention.norm.scale', embedding);
    add('attention.norm.shift', embedding);
    add('attention.input_weights', 3 * heads, embedding, head);
    add('attention.output_weights', heads, head, embedding);
    add('feed_forward.norm.scale', embedding);
    add('feed_forward.norm.shift', embedding);
    add('feed_forward.input_weights', embedding, wide);
    add('feed_forward.input_bias', wide);
    add('feed_forward.output_weights', wide, embedding);
    add('feed_forward.output_bias', embedding);
  }
  return { ...shapes, 'norm.scale': [embedding], 'norm.shift': [embedding] } as Readonly<
    Record<string, readonly number[]>
  >;
}

/** The sizes that these parameters have, if any. */
export function transformerSizesOf(weights: NamedTensors): TransformerSizes {
  const [heads = 0, window = 0] = weights['attention.position_bias']?.shape ?? [];
  const [embedding = 0] = weights['norm.scale']?.shape ?? [];
  let layers = 0;
  while (weights[layerName(layers, 'attention.norm.scale')]) layers++;
  return { embedding, heads, layers, window };
}

/** Parameters to begin training from: uniform draws of width 1/sqrt(inputs), norms that leave alone, and biases of 0. */
export function initialTransformerWeights(sizes: TransformerSizes, random: Random): NamedTensors {
  return Object.fromEntries(
    Object.entries(transformerShapes(sizes)).map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const inputs = name.endsWith('attention.output_weights') ? sizes.embedding : (shape.at(-2) ?? 1);
      const draw = name.endsWith('weights') ? () => (2 * random.uniform() - 1) / Math.sqrt(inputs) : () => 0;
      const data = name.endsWith('scale') ? new Float32Array(length).fill(1) : Float32Array.from({ length }, draw);
      return [name, { shape, data }];
    }),
  );
}
