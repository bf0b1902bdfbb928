import { GrowableColumn } from '../data/growableColumn';
import type { MetadataColumn } from '../data/metadataColumns';
import { type MetadataRow, numberOf, wordsOf } from '../data/metadataValues';
import { type FeatureColumn, featureCount, type NumberFeatures, scaleOf } from './featureColumns';

/** A sparse matrix by rows (CSR) of items, users or events by features. */
export interface FeatureMatrix {
  /** The number of features. */
  readonly width: number;
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [entries] features, rising within a column of the data */
  readonly features: Int32Array;
  /** [entries] */
  readonly values: Float32Array;
}

/** The features of one row. */
export type FeatureVector = readonly (readonly [feature: number, value: number])[];

/** The words of one text that become features: those that tell it best from others. */
const MOST_TEXT_FEATURES = 32;

/** A standardised number further from the mean counts as so many deviations. */
const FURTHEST_DEVIATIONS = 3;

/** How many features the columns have together: column after column, in order. */
export function featureWidth(columns: readonly FeatureColumn[]): number {
  return columns.reduce((sum, column) => sum + featureCount(column), 0);
}

/**
 * The features of all rows of a dataset.
 * @param rows how many there are
 * @param columns how values become features
 * @param data the values, by name; what is not there is not known
 */
export function featureMatrix(
  rows: number,
  columns: readonly FeatureColumn[],
  data: readonly MetadataColumn[],
): FeatureMatrix {
  const readers = columns.map((column) => {
    const values = data.find(({ name }) => name === column.name);
    return values ? readerOf(column, values) : () => [];
  });
  const offsets = new Int32Array(rows + 1);
  const features = new GrowableColumn(Int32Array);
  const values = new GrowableColumn(Float32Array);
  for (let row = 0; row < rows; row++) {
    let start = 0;
    readers.forEach((read, index) => {
      for (const [feature, value] of read(row)) {
        features.push(start + feature);
        values.push(value);
      }
      start += featureCount(columns[index]!);
    });
    offsets[row + 1] = features.length;
  }
  return { width: featureWidth(columns), offsets, features: features.view(), values: values.view() };
}

/** The features of one row of a matrix. */
export function rowFeatures({ offsets, features, values }: FeatureMatrix, row: number): FeatureVector {
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  return Array.from({ length: end - start }, (_, index) => [features[start + index]!, values[start + index]!] as const);
}

/** Makes features of single rows: items that came after the training, requests. */
export class FeatureEncoder {
  readonly width: number;
  readonly #columns: readonly { column: FeatureColumn; start: number; codes: ReadonlyMap<string, number> }[];

  constructor(columns: readonly FeatureColumn[]) {
    let start = 0;
    this.#columns = columns.map((column) => {
      const words = 'vocabulary' in column ? column.vocabulary : [];
      const each = { column, start, codes: new Map(words.map((word, code) => [word, code])) };
      start += featureCount(column);
      return each;
    });
    this.width = start;
  }

  /** The name of the column that a feature is of. */
  columnOf(feature: number): string {
    return this.#columns.findLast(({ start }) => start <= feature)!.column.name;
  }

  /** @param row by column name; other columns are passed over, and so are words that the training did not know */
  encode(row: MetadataRow): FeatureVector {
    return this.#columns.flatMap(({ column, start, codes }) => {
      const value = row[column.name];
      if (value === null || value === undefined) return [];
      const features =
        'vocabulary' in column
          ? wordFeatures(
              column,
              wordsOf(column.kind, value).map((word) => codes.get(word) ?? -1),
            )
          : numberFeatures(column, numberOf(value));
      return features.map(([feature, amount]) => [start + feature, amount] as const);
    });
  }
}

function readerOf(column: FeatureColumn, data: MetadataColumn): (row: number) => FeatureVector {
  if ('values' in data) {
    return 'vocabulary' in column ? () => [] : (row) => numberFeatures(column, data.values[row]!);
  }
  if (!('vocabulary' in column)) return () => [];
  const codes = new Map(column.vocabulary.map((word, code) => [word, code]));
  const featureOf = Int32Array.from(data.words, (word) => codes.get(word) ?? -1);
  return (row) =>
    wordFeatures(
      column,
      Array.from(data.codes.subarray(data.offsets[row], data.offsets[row + 1]), (code) => featureOf[code]!),
    );
}

/** @param codes of the words, -1 for those that are no features; a column's features have length 1 together */
function wordFeatures(
  column: Extract<FeatureColumn, { vocabulary: unknown }>,
  codes: readonly number[],
): FeatureVector {
  const counts = new Map<number, number>();
  for (const code of codes) if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  const weights = [...counts].map(([code, count]): [number, number] => [
    code,
    column.kind === 'text' ? (1 + Math.log(count)) * column.inverseFrequencies[code]! : 1,
  ]);
  const heaviest = weights.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST_TEXT_FEATURES);
  const length = Math.sqrt(heaviest.reduce((sum, [, weight]) => sum + weight * weight, 0));
  return heaviest.sort((a, b) => a[0] - b[0]).map(([code, weight]) => [code, weight / length]);
}

function numberFeatures(column: NumberFeatures, value: number): FeatureVector {
  if (Number.isNaN(value)) return [];
  const scaled = scaleOf(column, value);
  const standard = (scaled - column.mean) / column.deviation;
  const limited = Math.max(-FURTHEST_DEVIATIONS, Math.min(FURTHEST_DEVIATIONS, standard));
  const bucket = column.bounds.filter((bound) => scaled >= bound).length;
  return [
    [0, limited / FURTHEST_DEVIATIONS],
    [1 + bucket, 1],
  ];
}
