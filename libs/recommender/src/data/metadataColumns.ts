import { GrowableColumn } from './growableColumn';
import { type ColumnKind, type ColumnSchema, inferKind, type MetadataRow, numberOf, wordsOf } from './metadataValues';
import { Vocabulary } from './vocabulary';

/** The words of each row: row `r` has `codes[i]` for `offsets[r] <= i < offsets[r + 1]`. */
export interface WordColumn {
  readonly name: string;
  readonly kind: 'categorical' | 'text';
  /** By code. */
  readonly words: readonly string[];
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [occurrences] index into `words` */
  readonly codes: Int32Array;
}

export interface NumberColumn {
  readonly name: string;
  readonly kind: 'numeric' | 'timestamp' | 'duration';
  /** [rows] NaN where there is none; timestamps in milliseconds since the epoch, durations in milliseconds */
  readonly values: Float64Array;
}

/** The values of one column, a row for each item, user or event. */
export type MetadataColumn = WordColumn | NumberColumn;

/** Different words that a column may have; those that come later are left out. 1,000,000 take about 100 MB. */
const MOST_WORDS = 1_000_000;

/** How many values are looked at before a column of no known kind is read. */
const INFERRED_FROM = 1000;

/** Takes metadata row by row, in any order, and makes columns of it. A row that is given twice keeps the later one. */
export class MetadataCollector {
  readonly #columns: ColumnCollector[];

  constructor(schema: readonly ColumnSchema[]) {
    this.#columns = schema.map((column) => new ColumnCollector(column));
  }

  set(row: number, values: MetadataRow): void {
    for (const column of this.#columns) column.set(row, values[column.name]);
  }

  /** @param order the row, as it was set, of each row of the result */
  build(order: Int32Array): MetadataColumn[] {
    return this.#columns.flatMap((column) => column.build(order) ?? []);
  }
}

/** The kinds of a column, and before and after a look at the values of one whose schema does not say. */
type CollectedKind = ColumnKind | 'inferred' | 'nothing';

/** Keeps the values of a column in the order in which they come, each with its row, and puts them in order at the end. */
class ColumnCollector {
  readonly name: string;
  #kind: CollectedKind;
  /** Values that wait until there are enough of them to infer the kind. */
  #waiting: [row: number, value: unknown][] = [];
  readonly #vocabulary = new Vocabulary(MOST_WORDS);
  readonly #rows = new GrowableColumn(Int32Array);
  readonly #numbers = new GrowableColumn(Float64Array);
  readonly #codes = new GrowableColumn(Int32Array);
  /** Where the codes of each value end. */
  readonly #ends = new GrowableColumn(Int32Array);

  constructor({ name, kind }: ColumnSchema) {
    this.name = name;
    this.#kind = kind;
  }

  set(row: number, value: unknown): void {
    if (this.#kind !== 'inferred') {
      this.#store(row, value);
      return;
    }
    if (value === null || value === undefined) return;
    this.#waiting.push([row, value]);
    if (this.#waiting.length >= INFERRED_FROM) this.#infer();
  }

  build(order: Int32Array): MetadataColumn | undefined {
    if (this.#kind === 'inferred') this.#infer();
    const { name } = this;
    const kind = this.#kind;
    if (kind === 'nothing' || kind === 'inferred') return undefined;
    const places = this.#places();
    if (kind === 'numeric' || kind === 'timestamp') {
      const numbers = this.#numbers.view();
      return { name, kind, values: Float64Array.from(order, (row) => numbers[places[row] ?? -1] ?? Number.NaN) };
    }
    const ends = this.#ends.view();
    const spanOf = (row: number): readonly [number, number] => {
      const place = places[row] ?? -1;
      return place < 0 ? [0, 0] : [place === 0 ? 0 : ends[place - 1]!, ends[place]!];
    };
    const offsets = new Int32Array(order.length + 1);
    order.forEach((row, index) => {
      const [start, end] = spanOf(row);
      offsets[index + 1] = offsets[index]! + end - start;
    });
    const codes = new Int32Array(offsets[order.length]!);
    order.forEach((row, index) => {
      codes.set(this.#codes.view().subarray(...spanOf(row)), offsets[index]!);
    });
    return { name, kind, words: this.#vocabulary.words, offsets, codes };
  }

  /** By row: which of the values is the row's latest; -1 where it has none. */
  #places(): Int32Array {
    const rows = this.#rows.view();
    const places = new Int32Array(rows.reduce((most, row) => Math.max(most, row + 1), 0)).fill(-1);
    rows.forEach((row, place) => {
      places[row] = place;
    });
    return places;
  }

  #infer(): void {
    this.#kind = inferKind(this.#waiting.map(([, value]) => value)) ?? 'nothing';
    for (const [row, value] of this.#waiting) this.#store(row, value);
    this.#waiting = [];
  }

  #store(row: number, value: unknown): void {
    const kind = this.#kind;
    if (kind === 'nothing' || kind === 'inferred') return;
    this.#rows.push(row);
    if (kind === 'numeric' || kind === 'timestamp') {
      this.#numbers.push(value === null || value === undefined ? Number.NaN : numberOf(value));
      return;
    }
    for (const word of wordsOf(kind, value)) {
      const code = this.#vocabulary.codeOf(word);
      if (code !== undefined) this.#codes.push(code);
    }
    this.#ends.push(this.#codes.length);
  }
}
