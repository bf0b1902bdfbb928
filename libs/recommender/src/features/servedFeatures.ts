import { type EventFacts, eventRow } from '../data/eventColumns';
import type { MetadataRow } from '../data/metadataValues';
import type { NamedTensors } from '../networks/parameterSet';
import { FeatureEncoder, type FeatureVector } from './featureMatrix';
import { FEATURE_TABLES, ITEM_CONTENT, START } from './featureNames';
import type { ModelFeatures } from './modelFeatures';

/** What a request knows beside the history. */
export interface Asker {
  /** Metadata of the user, by column name. */
  user?: MetadataRow | undefined;
  /** Contextual metadata, by column name. */
  context?: MetadataRow | undefined;
}

/** By column name. */
export type ColumnParts = Readonly<Record<string, number>>;

/** The features of a model while it serves, in plain typed arrays. */
export class ServedFeatures {
  readonly #items: FeatureEncoder;
  readonly #users: FeatureEncoder;
  readonly #events: FeatureEncoder;
  readonly #context: FeatureEncoder;

  constructor(
    columns: ModelFeatures,
    private readonly tensors: NamedTensors,
    private readonly embedding: number,
  ) {
    this.#items = new FeatureEncoder(columns.items);
    this.#users = new FeatureEncoder(columns.users);
    this.#events = new FeatureEncoder(columns.events);
    this.#context = new FeatureEncoder(columns.context);
  }

  /** Whether events have features, so that an input is more than its item's vector. */
  get hasEvents(): boolean {
    return this.#events.width > 0;
  }

  /** What stands for a history where there is none; undefined where a history is all that lists are made from. */
  get start(): Float32Array | undefined {
    return this.tensors[START]?.data;
  }

  eventFeatures(event: EventFacts, before: number | undefined): FeatureVector {
    return this.#events.encode(eventRow(event, before));
  }

  /** Adds an event's features to its input. @param input [embedding] changed */
  addEvent(features: FeatureVector, input: Float32Array): void {
    this.#add(FEATURE_TABLES.events, features, input);
  }

  /** The features of who asks: of the user, and of the context. */
  askerFeatures({ user, context }: Asker): AskerFeatures {
    return { user: user ? this.#users.encode(user) : [], context: context ? this.#context.encode(context) : [] };
  }

  /** What who asks adds to the output: [embedding]; undefined where nothing is known of them that the model has learned. */
  query({ user, context }: AskerFeatures): Float32Array | undefined {
    if (user.length === 0 && context.length === 0) return undefined;
    const query = new Float32Array(this.embedding);
    this.#add(FEATURE_TABLES.users, user, query);
    this.#add(FEATURE_TABLES.context, context, query);
    return query;
  }

  /** The vector and the bias of an item that no one has touched, from its metadata alone. */
  item(metadata: MetadataRow): { vector: Float32Array; bias: number } {
    const features = this.#items.encode(metadata);
    const [base, bases, biases] = [ITEM_CONTENT.vector, ITEM_CONTENT.bias, ITEM_CONTENT.featureBias].map(
      (name) => this.tensors[name]?.data ?? new Float32Array(this.embedding),
    );
    const vector = base!.slice();
    this.#add(FEATURE_TABLES.items, features, vector);
    const bias = features.reduce((sum, [feature, value]) => sum + value * biases![feature]!, bases![0]!);
    return { vector, bias };
  }

  /** What each column of an event's features adds to `input . direction`. */
  eventParts(features: FeatureVector, direction: Float32Array): ColumnParts {
    return this.#parts(this.#events, FEATURE_TABLES.events, features, direction);
  }

  /** What each column of who asks adds to `output . direction`. */
  askerParts(asker: Asker, direction: Float32Array): { user: ColumnParts; context: ColumnParts } {
    const { user, context } = this.askerFeatures(asker);
    return {
      user: this.#parts(this.#users, FEATURE_TABLES.users, user, direction),
      context: this.#parts(this.#context, FEATURE_TABLES.context, context, direction),
    };
  }

  /** What each column of an item's metadata adds to `itemVector . direction`. */
  itemParts(metadata: MetadataRow, direction: Float32Array): ColumnParts {
    return this.#parts(this.#items, FEATURE_TABLES.items, this.#items.encode(metadata), direction);
  }

  #parts(encoder: FeatureEncoder, table: string, features: FeatureVector, direction: Float32Array): ColumnParts {
    const parts: Record<string, number> = {};
    const vectors = this.tensors[table]?.data;
    if (!vectors) return parts;
    for (const [feature, value] of features) {
      const column = encoder.columnOf(feature);
      let product = 0;
      for (let k = 0; k < this.embedding; k++) product += vectors[feature * this.embedding + k]! * direction[k]!;
      parts[column] = (parts[column] ?? 0) + value * product;
    }
    return parts;
  }

  #add(table: string, features: FeatureVector, out: Float32Array): void {
    const vectors = this.tensors[table]?.data;
    if (!vectors) return;
    for (const [feature, value] of features) {
      const from = feature * this.embedding;
      for (let k = 0; k < this.embedding; k++) out[k]! += value * vectors[from + k]!;
    }
  }
}

export interface AskerFeatures {
  user: FeatureVector;
  context: FeatureVector;
}
