import type { EventFacts } from '../data/eventColumns';
import type { ItemCatalogue } from '../data/itemCatalogue';
import type { MetadataRow } from '../data/metadataValues';
import { type History, type HistoryEvent, historyOf, latestOf } from '../data/sequences';
import type { Ranker } from '../evaluation/evaluation';
import { type FeatureVector, rowFeatures } from '../features/featureMatrix';
import type { DatasetFeatures } from '../features/modelFeatures';
import { type Asker, type ColumnParts, ServedFeatures } from '../features/servedFeatures';
import { embeddingOf, type ServingEncoder } from '../networks/encoder';
import { multiply } from '../networks/matrixVector';
import { recipeOf } from '../networks/recipes';
import type { ServedModel } from './model';
import { addTransitionProbabilities, LAG_WEIGHTS } from './transitions';

/** What a scorer knows of one user. Values of it are never changed, so they may be kept and shared. */
export interface HistoryState {
  /** The encoder's state. */
  readonly network: unknown;
  /** The latest items, newest first: as many as the transition memory looks back. */
  readonly recent: readonly number[];
  /** When the latest event was, in milliseconds since the epoch; undefined where there was none. */
  readonly latest: number | undefined;
  /** What is known of who asks, beside the history: [embedding], added to the output. Absent where that is nothing. */
  readonly query?: Float32Array;
}

/**
 * Serves a model in plain typed arrays, without TensorFlow: one step of the encoder for a new event, one product with
 * the item vectors for a list (0.06 ms for 1,682 items).
 */
export class Scorer {
  readonly items: ItemCatalogue;
  /** Whether items of the history are left out of lists unless a campaign says otherwise. */
  readonly excludeSeen: boolean;
  /** How many events of a history `stateOf` reads. */
  readonly maxHistory: number;
  /** Bytes that the state of one user holds at most. */
  readonly stateBytes: number;

  readonly #encoder: ServingEncoder;
  readonly #embedding: number;
  readonly #features: ServedFeatures | undefined;

  /** @param mixingWeight the transition memory's share; default: the one chosen in training. 0 is the network alone */
  constructor(
    readonly model: ServedModel,
    readonly mixingWeight: number = model.manifest.mixingWeight,
  ) {
    const { weights, manifest } = model;
    this.items = model.items;
    this.excludeSeen = manifest.excludeSeen;
    this.maxHistory = manifest.maxHistory;
    this.#embedding = embeddingOf(weights);
    this.#encoder = recipeOf(manifest.recipe).servingEncoder(weights.encoder);
    this.#features =
      manifest.features && new ServedFeatures(manifest.features, weights.features ?? {}, this.#embedding);
    this.stateBytes = this.#encoder.stateBytes;
  }

  /** Whether metadata of items and users, and the context of requests, make a difference. */
  get learnsFrom(): { items: boolean; users: boolean; context: boolean } {
    const { items = [], users = [], context = [] } = this.model.manifest.features ?? {};
    return { items: items.length > 0, users: users.length > 0, context: context.length > 0 };
  }

  /** The state of someone who has not touched anything yet. */
  initialState(): HistoryState {
    return { network: this.#encoder.initialState(), recent: [], latest: undefined };
  }

  /** The state after one more event: one step of the encoder. The given state stays as it is. */
  advance(state: HistoryState, event: HistoryEvent): HistoryState {
    return this.#step(state, event, this.#eventFeatures(event, state.latest));
  }

  /** The state after a user's events, of which the last `maxHistory` are read. @param events oldest first */
  stateAfter(events: readonly HistoryEvent[]): HistoryState {
    return this.stateOf(historyOf(events));
  }

  /**
   * The same for a history of a dataset.
   * @param data features of the dataset that the history is of. Absent: events are known by item and time alone
   */
  stateOf(history: History, data?: DatasetFeatures): HistoryState {
    const { items, timestamps, rows, facts } = latestOf(history, this.maxHistory);
    const before = history.timestamps[history.items.length - items.length - 1];
    let state: HistoryState = { ...this.initialState(), latest: before };
    items.forEach((item, index) => {
      const event = { ...facts?.[index], item, timestamp: timestamps[index]! };
      const features = data && rows ? rowFeatures(data.events, rows[index]!) : this.#eventFeatures(event, state.latest);
      state = this.#step(state, event, features);
    });
    return state;
  }

  /**
   * The state of someone of whom more is known than the history.
   * @returns the given state where it is nothing that the model has learned from
   */
  asking(state: HistoryState, asker: Asker): HistoryState {
    return asked(state, this.#features?.query(this.#features.askerFeatures(asker)));
  }

  /** The same for an event of a dataset that is asked for. */
  askingAt(state: HistoryState, data: DatasetFeatures, row: number): HistoryState {
    const user = rowFeatures(data.users, data.rowUsers[row]!);
    return asked(state, this.#features?.query({ user, context: rowFeatures(data.context, row) }));
  }

  /** The share of the transition memory in someone's scores. Where nothing is known it is all of them: popularity. */
  memoryShareOf({ recent, query }: HistoryState): number {
    if (recent.length > 0) return this.mixingWeight;
    return query ? 0 : 1;
  }

  /**
   * The probability of each item of the catalogue to be touched next; they sum to 1. Where nothing was touched yet it is
   * the popularity distribution, or what is known of who asks makes of it.
   * @param out [items] filled and returned; made where absent
   */
  score(state: HistoryState, out: Float32Array = new Float32Array(this.items.ids.length)): Float32Array {
    const { transitions, popularity } = this.model;
    const memoryShare = this.memoryShareOf(state);
    if (memoryShare < 1) this.networkProbabilities(this.output(state), out, 1 - memoryShare);
    else out.fill(0);
    if (memoryShare > 0) addTransitionProbabilities(transitions, popularity, state.recent, memoryShare, out);
    return out;
  }

  /** What the network says of the next item: the closer an item's vector, the likelier it is. [embedding] */
  output({ network, recent, query }: HistoryState): Float32Array {
    const output = new Float32Array(this.#embedding);
    if (recent.length > 0) this.#encoder.output(network, output);
    else if (this.#features?.start) output.set(this.#features.start);
    if (query) for (let k = 0; k < query.length; k++) output[k]! += query[k]!;
    return output;
  }

  /**
   * Gradient times input: what each event of a history adds to `output . direction`, to the first order.
   * @param history at most the latest `maxHistory` events
   * @param direction [embedding]
   */
  eventParts(history: History, direction: Float32Array): { whole: number; features: ColumnParts }[] {
    const features = Array.from(history.items, (_, index) => {
      const event = history.facts?.[index] ?? { timestamp: history.timestamps[index]! };
      return this.#eventFeatures(event, history.timestamps[index - 1]);
    });
    const inputs = Array.from(history.items, (item, index) => this.#inputOf(item, features[index]));
    const gradients = this.#encoder.inputGradients(inputs, history, direction);
    return inputs.map((input, index) => {
      const gradient = gradients[index]!;
      const ofEvent = features[index];
      return {
        whole: input.reduce((sum, value, i) => sum + value * gradient[i]!, 0),
        features: ofEvent ? this.#features!.eventParts(ofEvent, gradient) : {},
      };
    });
  }

  /** What each column of who asks adds to `output . direction`. */
  askerParts(asker: Asker, direction: Float32Array): { user: ColumnParts; context: ColumnParts } {
    return this.#features?.askerParts(asker, direction) ?? { user: {}, context: {} };
  }

  /** What each column of an item's metadata adds to `itemVector . direction`. */
  itemParts(metadata: MetadataRow, direction: Float32Array): ColumnParts {
    return this.#features?.itemParts(metadata, direction) ?? {};
  }

  /** The logits of some items. @param output as `output` gives it */
  logitsOf(output: Float32Array, items: ArrayLike<number>): Float32Array {
    const { itemVectors, itemBias } = this.model.weights;
    const logits = new Float32Array(items.length);
    for (let index = 0; index < logits.length; index++) {
      const item = items[index]!;
      let logit = itemBias[item]!;
      for (let i = 0, at = item * output.length; i < output.length; i++, at++) logit += output[i]! * itemVectors[at]!;
      logits[index] = logit;
    }
    return logits;
  }

  /** The inner product of each item's vector with an output. @param out [items] filled */
  products(output: Float32Array, out: Float32Array): void {
    multiply(this.model.weights.itemVectors, output, out);
  }

  /**
   * The network's probability of each item.
   * @param output as `output` gives it
   * @param out [items] filled
   * @param total what the probabilities sum to
   * @returns the logarithm of the sum of all exp(logit)
   */
  networkProbabilities(output: Float32Array, out: Float32Array, total = 1): number {
    const { itemBias } = this.model.weights;
    this.products(output, out);
    for (let item = 0; item < out.length; item++) out[item]! += itemBias[item]!;
    return softmaxInPlace(out, total);
  }

  #vectorOf(item: number): Float32Array {
    return this.model.weights.itemVectors.subarray(item * this.#embedding, (item + 1) * this.#embedding);
  }

  /** The network's probability of each item for someone of whom nothing is known. */
  scoreAnyone(out: Float32Array): Float32Array {
    this.networkProbabilities(this.output(this.initialState()), out);
    return out;
  }

  #step({ network, recent }: HistoryState, event: HistoryEvent, features: FeatureVector | undefined): HistoryState {
    return {
      network: this.#encoder.advance(network, this.#inputOf(event.item, features), event),
      recent: [event.item, ...recent.slice(0, LAG_WEIGHTS.length - 1)],
      latest: event.timestamp,
    };
  }

  /** The item's vector, and what the event's features add. */
  #inputOf(item: number, features: FeatureVector | undefined): Float32Array {
    const vector = this.#vectorOf(item);
    if (!features) return vector;
    const input = vector.slice();
    this.#features!.addEvent(features, input);
    return input;
  }

  #eventFeatures(event: EventFacts, before: number | undefined): FeatureVector | undefined {
    return this.#features?.hasEvents ? this.#features.eventFeatures(event, before) : undefined;
  }
}

/** A scorer as a ranker of whole histories. @param data features of the dataset that the histories are of */
export function rankerOf(name: string, scorer: Scorer, data?: DatasetFeatures): Ranker {
  return {
    name,
    score: (history, out, row) => {
      const state = scorer.stateOf(history, data);
      scorer.score(data && row !== undefined ? scorer.askingAt(state, data, row) : state, out);
    },
  };
}

function asked(state: HistoryState, query: Float32Array | undefined): HistoryState {
  return query ? { ...state, query } : state;
}

/** Turns logits into probabilities that sum to `total`. @returns the logarithm of the sum of all exp(logit) */
export function softmaxInPlace(logits: Float32Array, total = 1): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let item = 0; item < logits.length; item++) if (logits[item]! > largest) largest = logits[item]!;
  let sum = 0;
  for (let item = 0; item < logits.length; item++) {
    const weight = Math.exp(logits[item]! - largest);
    logits[item] = weight;
    sum += weight;
  }
  const scale = total / sum;
  for (let item = 0; item < logits.length; item++) logits[item]! *= scale;
  return largest + Math.log(sum);
}
