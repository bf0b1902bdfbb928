import { InvalidInputError } from '@attune/domain';
import { GrowableColumn } from './growableColumn';
import { MetadataCollector, type MetadataColumn } from './metadataColumns';
import type { MetadataRow, MetadataSchema } from './metadataValues';
import { Vocabulary } from './vocabulary';

/**
 * All interactions of a dataset group, as columns. User `u` owns the rows from `offsets[u]` to `offsets[u + 1] - 1`,
 * oldest first. Users and items are numbered in order of first appearance.
 */
export interface Dataset {
  /** By user index. */
  readonly userIds: readonly string[];
  /** By item index: the items that were touched and those that were only declared. */
  readonly itemIds: readonly string[];
  /** By event type code. */
  readonly eventTypes: readonly string[];
  /** [users + 1] */
  readonly offsets: Int32Array;
  /** [interactions] item index */
  readonly items: Int32Array;
  /** [interactions] milliseconds since the epoch */
  readonly timestamps: Float64Array;
  /** [interactions] index into `eventTypes` */
  readonly eventTypeCodes: Uint16Array;
  /** [interactions] NaN where the event has no value */
  readonly eventValues: Float32Array;
  /** [interactions] how much predicting the event counts in training, 0 to 1 */
  readonly eventWeights: Float32Array;
  /** What is known of items, users and events beyond that. */
  readonly metadata: Metadata;
}

/** Columns whose rows are the dataset's items, users and interactions. */
export interface Metadata {
  readonly items: readonly MetadataColumn[];
  readonly users: readonly MetadataColumn[];
  /** Contextual metadata of events. */
  readonly interactions: readonly MetadataColumn[];
}

/** One row on its way into a dataset. */
export interface InteractionRow {
  userId: string;
  itemId: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** Default: the empty string. */
  eventType?: string;
  eventValue?: number | undefined;
  /** How much predicting the event counts in training, 0 to 1. Default: 1. */
  weight?: number | undefined;
  /** Contextual metadata, by the names of the schema. */
  context?: MetadataRow | undefined;
}

/** The number of event types that a 16-bit code can tell apart. */
const MOST_EVENT_TYPES = 65_536;

/** Takes interactions one by one, in any order, and builds a dataset of them. */
export class DatasetBuilder {
  readonly #users = new Vocabulary();
  readonly #items = new Vocabulary();
  readonly #eventTypes = new Vocabulary(MOST_EVENT_TYPES);
  readonly #userColumn = new GrowableColumn(Int32Array);
  readonly #itemColumn = new GrowableColumn(Int32Array);
  readonly #timestampColumn = new GrowableColumn(Float64Array);
  readonly #eventTypeColumn = new GrowableColumn(Uint16Array);
  readonly #eventValueColumn = new GrowableColumn(Float32Array);
  readonly #weightColumn = new GrowableColumn(Float32Array);
  readonly #itemMetadata: MetadataCollector;
  readonly #userMetadata: MetadataCollector;
  readonly #context: MetadataCollector;

  /** @param schema the columns of metadata that are taken; others are passed over */
  constructor(schema: Partial<MetadataSchema> = {}) {
    this.#itemMetadata = new MetadataCollector(schema.items ?? []);
    this.#userMetadata = new MetadataCollector(schema.users ?? []);
    this.#context = new MetadataCollector(schema.interactions ?? []);
  }

  /** Declares an item, so that it is part of the catalogue even if no one has touched it yet. */
  addItem(itemId: string, metadata: MetadataRow = {}): void {
    this.#itemMetadata.set(this.#items.codeOf(itemId)!, metadata);
  }

  /** Says what is known of a user. Those without interactions are passed over: nothing is learned from them. */
  addUser(userId: string, metadata: MetadataRow): void {
    const user = this.#users.find(userId);
    if (user !== undefined) this.#userMetadata.set(user, metadata);
  }

  /** @throws InvalidInputError where the timestamp is no number, or there are more than 65,536 event types */
  addInteraction(row: InteractionRow): void {
    if (!Number.isFinite(row.timestamp)) {
      throw new InvalidInputError(
        `timestamp of user "${row.userId}", item "${row.itemId}" is ${row.timestamp}. Expected milliseconds since the epoch.`,
      );
    }
    const eventTypeCode = this.#eventTypes.codeOf(row.eventType ?? '');
    if (eventTypeCode === undefined) {
      throw new InvalidInputError(
        `eventType "${row.eventType}" is one too many. A dataset may have at most ${MOST_EVENT_TYPES} event types.`,
      );
    }
    if (row.context) this.#context.set(this.#userColumn.length, row.context);
    this.#userColumn.push(this.#users.codeOf(row.userId)!);
    this.#itemColumn.push(this.#items.codeOf(row.itemId)!);
    this.#timestampColumn.push(row.timestamp);
    this.#eventTypeColumn.push(eventTypeCode);
    this.#eventValueColumn.push(row.eventValue ?? Number.NaN);
    this.#weightColumn.push(row.weight ?? 1);
  }

  /** The dataset of everything added so far: per user by time; interactions of the same time keep the order they came in. */
  build(): Dataset {
    const users = this.#userColumn.view();
    const offsets = countingOffsets(users, this.#users.words.length);
    const order = rowsByUser(users, offsets);
    const timestamps = this.#timestampColumn.view();
    for (let user = 0; user + 1 < offsets.length; user++) {
      const rows = order.subarray(offsets[user], offsets[user + 1]);
      if (!isSorted(rows, timestamps)) rows.sort((a, b) => timestamps[a]! - timestamps[b]! || a - b);
    }
    const rows = order.length;
    const dataset = {
      userIds: [...this.#users.words],
      itemIds: [...this.#items.words],
      eventTypes: [...this.#eventTypes.words],
      offsets,
      items: new Int32Array(rows),
      timestamps: new Float64Array(rows),
      eventTypeCodes: new Uint16Array(rows),
      eventValues: new Float32Array(rows),
      eventWeights: new Float32Array(rows),
      metadata: {
        items: this.#itemMetadata.build(countUpTo(this.#items.words.length)),
        users: this.#userMetadata.build(countUpTo(this.#users.words.length)),
        interactions: this.#context.build(order),
      },
    };
    const [items, eventTypes, eventValues, weights] = [
      this.#itemColumn.view(),
      this.#eventTypeColumn.view(),
      this.#eventValueColumn.view(),
      this.#weightColumn.view(),
    ];
    for (let row = 0; row < rows; row++) {
      const source = order[row]!;
      dataset.items[row] = items[source]!;
      dataset.timestamps[row] = timestamps[source]!;
      dataset.eventTypeCodes[row] = eventTypes[source]!;
      dataset.eventValues[row] = eventValues[source]!;
      dataset.eventWeights[row] = weights[source]!;
    }
    return dataset;
  }
}

/** Where each key's run starts once rows are grouped by key: [keys + 1]. */
export function countingOffsets(keys: Int32Array, keyCount: number): Int32Array {
  const offsets = new Int32Array(keyCount + 1);
  for (const key of keys) offsets[key + 1]!++;
  for (let key = 0; key < keyCount; key++) offsets[key + 1]! += offsets[key]!;
  return offsets;
}

function countUpTo(length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => index);
}

function rowsByUser(users: Int32Array, offsets: Int32Array): Int32Array {
  const next = offsets.slice();
  const order = new Int32Array(users.length);
  for (let row = 0; row < users.length; row++) order[next[users[row]!]!++] = row;
  return order;
}

function isSorted(rows: Int32Array, timestamps: Float64Array): boolean {
  for (let i = 1; i < rows.length; i++) if (timestamps[rows[i - 1]!]! > timestamps[rows[i]!]!) return false;
  return true;
}
