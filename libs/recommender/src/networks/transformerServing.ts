import type { History, HistoryEvent } from '../data/sequences';
import { timeBucket } from '../features/timeBuckets';
import type { ServingEncoder } from './encoder';
import { NORM_EPSILON } from './layerNorm';
import { multiply, transposeStack } from './matrixVector';
import type { NamedTensors } from './parameterSet';
import { type LayerParameter, layerName, type TransformerSizes, transformerSizesOf } from './transformer';
import { transformerInputGradients } from './transformerGradient';

/** One event as later ones see it. */
interface SeenEvent {
  readonly timestamp: number;
  /** By layer its key, then its value, each [heads * head]: [layers * 2 * embedding] */
  readonly keysAndValues: Float32Array;
}

export interface TransformerState {
  /** Oldest first, as many as the window has. */
  readonly events: readonly SeenEvent[];
  /** What predicts the next event: [embedding] */
  readonly output: Float32Array;
}

interface Layer {
  readonly attentionNorm: Norm;
  /** [3 * embedding, embedding] */
  readonly input: Float32Array;
  /** [embedding, embedding] */
  readonly output: Float32Array;
  readonly feedForwardNorm: Norm;
  readonly wideIn: Float32Array;
  readonly wideInBias: Float32Array;
  readonly wideOut: Float32Array;
  readonly wideOutBias: Float32Array;
}

interface Norm {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/**
 * The transformer while it serves. Keys and values of the events are kept, so that a new event costs its own way through
 * the layers and one look at each event before it. `transformerShapes` has the equations.
 */
export class ServingTransformer implements ServingEncoder<TransformerState> {
  readonly stateBytes: number;
  readonly #sizes: TransformerSizes;
  readonly #layers: readonly Layer[];
  readonly #norm: Norm;
  readonly #positionBias: Float32Array;
  readonly #timeBias: Float32Array;
  readonly #timeBuckets: number;
  readonly #projected: Float32Array;
  readonly #normal: Float32Array;
  readonly #seen: Float32Array;
  readonly #added: Float32Array;
  readonly #wide: Float32Array;
  readonly #logits: Float32Array;

  constructor(private readonly weights: NamedTensors) {
    this.#sizes = transformerSizesOf(weights);
    const { embedding, heads, layers, window } = this.#sizes;
    const data = (name: string) => weights[name]!.data;
    this.#positionBias = data('attention.position_bias');
    this.#timeBias = data('attention.time_bias');
    this.#timeBuckets = this.#timeBias.length / heads;
    this.#norm = { scale: data('norm.scale'), shift: data('norm.shift') };
    const wide = data(layerName(0, 'feed_forward.input_bias')).length;
    this.#layers = Array.from({ length: layers }, (_, layer) => {
      const of = (name: LayerParameter) => data(layerName(layer, name));
      return {
        attentionNorm: { scale: of('attention.norm.scale'), shift: of('attention.norm.shift') },
        input: transposeStack(of('attention.input_weights'), 3 * heads, embedding, embedding / heads),
        output: transposeStack(of('attention.output_weights'), 1, embedding, embedding),
        feedForwardNorm: { scale: of('feed_forward.norm.scale'), shift: of('feed_forward.norm.shift') },
        wideIn: transposeStack(of('feed_forward.input_weights'), 1, embedding, wide),
        wideInBias: of('feed_forward.input_bias'),
        wideOut: transposeStack(of('feed_forward.output_weights'), 1, wide, embedding),
        wideOutBias: of('feed_forward.output_bias'),
      };
    });
    this.#projected = new Float32Array(3 * embedding);
    this.#normal = new Float32Array(embedding);
    this.#seen = new Float32Array(embedding);
    this.#added = new Float32Array(embedding);
    this.#wide = new Float32Array(wide);
    this.#logits = new Float32Array(window);
    this.stateBytes = Float32Array.BYTES_PER_ELEMENT * embedding * (1 + 2 * layers * window);
  }

  initialState(): TransformerState {
    return { events: [], output: new Float32Array(this.#sizes.embedding) };
  }

  advance(state: TransformerState, vector: Float32Array, { timestamp }: HistoryEvent): TransformerState {
    const { embedding, layers, window } = this.#sizes;
    const event = { timestamp, keysAndValues: new Float32Array(2 * layers * embedding) };
    const before = state.events.length < window ? state.events : state.events.slice(1 - window);
    const events = [...before, event];
    const x = vector.slice();
    this.#layers.forEach((layer, index) => {
      normalise(x, layer.attentionNorm, this.#normal);
      multiply(layer.input, this.#normal, this.#projected);
      event.keysAndValues.set(this.#projected.subarray(embedding), 2 * index * embedding);
      this.#attend(events, index);
      multiply(layer.output, this.#seen, this.#added);
      for (let i = 0; i < embedding; i++) x[i]! += this.#added[i]!;
      normalise(x, layer.feedForwardNorm, this.#normal);
      multiply(layer.wideIn, this.#normal, this.#wide);
      for (let i = 0; i < this.#wide.length; i++) this.#wide[i] = Math.max(0, this.#wide[i]! + layer.wideInBias[i]!);
      multiply(layer.wideOut, this.#wide, this.#added);
      for (let i = 0; i < embedding; i++) x[i]! += this.#added[i]! + layer.wideOutBias[i]!;
    });
    normalise(x, this.#norm, x);
    return { events, output: x };
  }

  output({ output }: TransformerState, out: Float32Array): void {
    out.set(output);
  }

  inputGradients(inputs: readonly Float32Array[], { timestamps }: History, direction: Float32Array): Float32Array[] {
    return transformerInputGradients(this.weights, inputs, timestamps, direction);
  }

  /** What the last event's queries, at the head of `#projected`, see of all events: into `#seen`. */
  #attend(events: readonly SeenEvent[], layer: number): void {
    const { embedding, heads, window } = this.#sizes;
    const size = embedding / heads;
    const scale = 1 / Math.sqrt(size);
    const now = events.at(-1)!.timestamp;
    this.#seen.fill(0);
    for (let head = 0; head < heads; head++) {
      const from = head * size;
      const keysFrom = 2 * layer * embedding + from;
      let largest = Number.NEGATIVE_INFINITY;
      for (let event = 0; event < events.length; event++) {
        const { timestamp, keysAndValues } = events[event]!;
        let product = 0;
        for (let i = 0; i < size; i++) product += this.#projected[from + i]! * keysAndValues[keysFrom + i]!;
        const byDistance = this.#positionBias[head * window + events.length - 1 - event]!;
        const byTime = this.#timeBias[head * this.#timeBuckets + timeBucket(Math.max(0, now - timestamp))]!;
        const logit = product * scale + byDistance + byTime;
        this.#logits[event] = logit;
        if (logit > largest) largest = logit;
      }
      let sum = 0;
      for (let event = 0; event < events.length; event++) {
        const share = Math.exp(this.#logits[event]! - largest);
        this.#logits[event] = share;
        sum += share;
      }
      for (let event = 0; event < events.length; event++) {
        const share = this.#logits[event]! / sum;
        const { keysAndValues } = events[event]!;
        for (let i = 0; i < size; i++) this.#seen[from + i]! += share * keysAndValues[keysFrom + embedding + i]!;
      }
    }
  }
}

/** The layer norm of a vector, into `out`, which may be the same. */
function normalise(vector: Float32Array, { scale, shift }: Norm, out: Float32Array): void {
  let mean = 0;
  for (let i = 0; i < vector.length; i++) mean += vector[i]!;
  mean /= vector.length;
  let variance = 0;
  for (let i = 0; i < vector.length; i++) variance += (vector[i]! - mean) ** 2;
  const inverse = 1 / Math.sqrt(variance / vector.length + NORM_EPSILON);
  for (let i = 0; i < vector.length; i++) out[i] = (vector[i]! - mean) * inverse * scale[i]! + shift[i]!;
}
