import { InvalidInputError } from '@attune/domain';
import { GrowableColumn } from './growableColumn';

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
}

/** Gives each distinct string the next number. */
class Vocabulary {
  readonly words: string[] = [];
  readonly #codes = new Map<string, number>();

  codeOf(word: string): number {
    let code = this.#codes.get(word);
    if (code === undefined) {
      code = this.words.length;
      this.#codes.set(word, code);
      this.words.push(word);
    }
    return code;
  }
}

/** The number of event types that a 16-bit code can tell apart. */
const MOST_EVENT_TYPES = 65_536;

/** Takes interactions one by one, in any order, and builds a dataset of them. */
export class DatasetBuilder {
  readonly #users = new Vocabulary();
  readonly #items = new Vocabulary();
  readonly #eventTypes = new Vocabulary();
  readonly #userColumn = new GrowableColumn(Int32Array);
  readonly #itemColumn = new GrowableColumn(Int32Array);
  readonly #timestampColumn = new GrowableColumn(Float64Array);
  readonly #eventTypeColumn = new GrowableColumn(Uint16Array);
  readonly #eventValueColumn = new GrowableColumn(Float32Array);

  /** Declares an item, so that it is part of the catalogue even if no one has touched it yet. */
  addItem(itemId: string): void {
    this.#items.codeOf(itemId);
  }

  /** @throws InvalidInputError where the timestamp is no number, or there are more than 65,536 event types */
  addInteraction(row: InteractionRow): void {
    if (!Number.isFinite(row.timestamp)) {
      throw new InvalidInputError(
        `timestamp of user "${row.userId}", item "${row.itemId}" is ${row.timestamp}. Expected milliseconds since the epoch.`,
      );
    }
    const eventTypeCode = this.#eventTypes.codeOf(row.eventType ?? '');
    if (eventTypeCode >= MOST_EVENT_TYPES) {
      throw new InvalidInputError(
        `eventType "${row.eventType}" is one too many. A dataset may have at most ${MOST_EVENT_TYPES} event types.`,
      );
    }
    this.#userColumn.push(this.#users.codeOf(row.userId));
    this.#itemColumn.push(this.#items.codeOf(row.itemId));
    this.#timestampColumn.push(row.timestamp);
    this.#eventTypeColumn.push(eventTypeCode);
    this.#eventValueColumn.push(row.eventValue ?? Number.NaN);
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
    };
    const [items, eventTypes, eventValues] = [
      this.#itemColumn.view(),
      this.#eventTypeColumn.view(),
      this.#eventValueColumn.view(),
    ];
    for (let row = 0; row < rows; row++) {
      const source = order[row]!;
      dataset.items[row] = items[source]!;
      dataset.timestamps[row] = timestamps[source]!;
      dataset.eventTypeCodes[row] = eventTypes[source]!;
      dataset.eventValues[row] = eventValues[source]!;
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
