import { timeBucket } from '../features/timeBuckets';
import { NORM_EPSILON } from './layerNorm';
import type { NamedTensors } from './parameterSet';
import { type LayerParameter, layerName, type TransformerSizes, transformerSizesOf } from './transformer';

/** What the way back needs of one event in one layer. */
interface Trace {
  readonly attentionNorm: NormTrace;
  /** By head: the shares of the events up to this one, and this event's query, key and value. */
  readonly shares: Float32Array[];
  readonly query: Float32Array[];
  readonly key: Float32Array[];
  readonly value: Float32Array[];
  readonly feedForwardNorm: NormTrace;
  readonly active: Float32Array;
}

interface NormTrace {
  readonly normal: Float32Array;
  readonly inverse: number;
}

/**
 * The gradient of `output . direction` by each event's vector, by the chain rule through the equations of
 * `transformerShapes`: for an explanation, so plain rather than fast. 50 events take about 20 ms at the default size.
 * @param inputs the vectors of a whole history, oldest first, at most as many as the window: each [embedding]
 * @param timestamps milliseconds since the epoch, one for each
 * @param direction [embedding]
 */
export function transformerInputGradients(
  weights: NamedTensors,
  inputs: readonly Float32Array[],
  timestamps: ArrayLike<number>,
  direction: Float32Array,
): Float32Array[] {
  const sizes = transformerSizesOf(weights);
  const states = inputs.map((input) => input.slice());
  const traces = Array.from({ length: sizes.layers }, (_, layer) => forward(weights, sizes, layer, states, timestamps));
  const last = states.at(-1)!;
  const gradients = inputs.map(() => new Float32Array(sizes.embedding));
  const { normal, inverse } = normalise(last);
  const scale = weights['norm.scale']!.data;
  addNormGradient({ normal, inverse }, scale, direction, gradients.at(-1)!);
  for (let layer = sizes.layers - 1; layer >= 0; layer--) {
    backward(weights, sizes, layer, traces[layer]!, gradients);
  }
  return gradients;
}

/** Takes the states through one layer, in place. */
function forward(
  weights: NamedTensors,
  { embedding, heads, window }: TransformerSizes,
  layer: number,
  states: Float32Array[],
  timestamps: ArrayLike<number>,
): Trace[] {
  const of = (name: LayerParameter) => weights[layerName(layer, name)]!.data;
  const head = embedding / heads;
  const [byDistance, byTime] = [weights['attention.position_bias']!.data, weights['attention.time_bias']!.data];
  const buckets = byTime.length / heads;
  const all: Trace[] = [];
  states.forEach((state, event) => {
    const attentionNorm = normalise(state);
    const normal = affine(attentionNorm.normal, of('attention.norm.scale'), of('attention.norm.shift'));
    const project = (part: number) =>
      Array.from({ length: heads }, (_, h) =>
        times(normal, of('attention.input_weights'), head, (part * heads + h) * embedding * head),
      );
    const [query, key, value] = [project(0), project(1), project(2)];
    const events = [...all, { key, value }];
    const shares = query.map((of, h) => {
      const logits = events.map((other, index) => {
        const gap = Math.max(0, timestamps[event]! - timestamps[index]!);
        const bias = byDistance[h * window + event - index]! + byTime[h * buckets + timeBucket(gap)]!;
        return dot(of, other.key[h]!) / Math.sqrt(head) + bias;
      });
      const largest = Math.max(...logits);
      const powers = logits.map((logit) => Math.exp(logit - largest));
      const sum = powers.reduce((total, power) => total + power, 0);
      return Float32Array.from(powers, (power) => power / sum);
    });
    shares.forEach((ofHead, h) => {
      const seen = new Float32Array(head);
      events.forEach((other, index) => {
        add(seen, other.value[h]!, ofHead[index]!);
      });
      add(state, times(seen, of('attention.output_weights'), embedding, h * head * embedding));
    });
    const feedForwardNorm = normalise(state);
    const wide = times(
      affine(feedForwardNorm.normal, of('feed_forward.norm.scale'), of('feed_forward.norm.shift')),
      of('feed_forward.input_weights'),
      of('feed_forward.input_bias').length,
    );
    const active = wide.map((value, i) => Math.max(0, value + of('feed_forward.input_bias')[i]!));
    add(state, times(active, of('feed_forward.output_weights'), embedding));
    add(state, of('feed_forward.output_bias'));
    all.push({ attentionNorm, shares, query, key, value, feedForwardNorm, active });
  });
  return all;
}

/** Takes the gradients by a layer's output to those by its input, in place. */
function backward(
  weights: NamedTensors,
  { embedding, heads }: TransformerSizes,
  layer: number,
  traces: readonly Trace[],
  gradients: Float32Array[],
): void {
  const of = (name: LayerParameter) => weights[layerName(layer, name)]!.data;
  const head = embedding / heads;
  const zeros = () => Array.from({ length: heads }, () => new Float32Array(head));
  const by = traces.map(() => ({ query: zeros(), key: zeros(), value: zeros() }));
  traces.forEach(({ feedForwardNorm, active, shares, query }, event) => {
    const gradient = gradients[event]!;
    const byActive = timesTransposed(gradient, of('feed_forward.output_weights'), active.length);
    const byWide = byActive.map((value, i) => (active[i]! > 0 ? value : 0));
    const byNormal = timesTransposed(byWide, of('feed_forward.input_weights'), embedding);
    addNormGradient(feedForwardNorm, of('feed_forward.norm.scale'), byNormal, gradient);
    for (let h = 0; h < heads; h++) {
      const bySeen = timesTransposed(gradient, of('attention.output_weights'), head, h * head * embedding);
      const ofHead = shares[h]!;
      const byShares = ofHead.map((_, other) => dot(bySeen, traces[other]!.value[h]!));
      const mean = dot(byShares, ofHead);
      ofHead.forEach((share, other) => {
        const byLogit = (share * (byShares[other]! - mean)) / Math.sqrt(head);
        add(by[other]!.value[h]!, bySeen, share);
        add(by[event]!.query[h]!, traces[other]!.key[h]!, byLogit);
        add(by[other]!.key[h]!, query[h]!, byLogit);
      });
    }
  });
  traces.forEach(({ attentionNorm }, event) => {
    const byNormal = new Float32Array(embedding);
    const { query, key, value } = by[event]!;
    [...query, ...key, ...value].forEach((byHead, index) => {
      const from = index * embedding * head;
      add(byNormal, timesTransposed(byHead, of('attention.input_weights'), embedding, from));
    });
    addNormGradient(attentionNorm, of('attention.norm.scale'), byNormal, gradients[event]!);
  });
}

function normalise(vector: Float32Array): NormTrace {
  const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const variance = vector.reduce((sum, value) => sum + (value - mean) ** 2, 0) / vector.length;
  const inverse = 1 / Math.sqrt(variance + NORM_EPSILON);
  return { normal: vector.map((value) => (value - mean) * inverse), inverse };
}

/** Adds the gradient by a norm's input, from that by its output. */
function addNormGradient(
  { normal, inverse }: NormTrace,
  scale: Float32Array,
  byOutput: Float32Array,
  into: Float32Array,
): void {
  const byNormal = byOutput.map((value, i) => value * scale[i]!);
  const mean = byNormal.reduce((sum, value) => sum + value, 0) / normal.length;
  const along = dot(byNormal, normal) / normal.length;
  for (let i = 0; i < into.length; i++) into[i]! += inverse * (byNormal[i]! - mean - normal[i]! * along);
}

const affine = (vector: Float32Array, scale: Float32Array, shift: Float32Array): Float32Array =>
  vector.map((value, i) => value * scale[i]! + shift[i]!);

/** vector times the matrix [vector.length, columns] that starts at `from`. */
function times(vector: Float32Array, matrix: Float32Array, columns: number, from = 0): Float32Array {
  const out = new Float32Array(columns);
  vector.forEach((value, row) => {
    for (let column = 0; column < columns; column++) out[column]! += value * matrix[from + row * columns + column]!;
  });
  return out;
}

/** vector times the transpose of the matrix [rows, vector.length] that starts at `from`. */
function timesTransposed(vector: Float32Array, matrix: Float32Array, rows: number, from = 0): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => {
    const start = from + row * vector.length;
    return dot(vector, matrix.subarray(start, start + vector.length));
  });
}

function add(to: Float32Array, vector: Float32Array, share = 1): void {
  for (let i = 0; i < to.length; i++) to[i]! += share * vector[i]!;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
