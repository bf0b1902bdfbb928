import type { MetadataColumn, NumberColumn, WordColumn } from '../data/metadataColumns';

/**
 * How the values of one column become features. It is fitted to the data of a full training, kept in the artifact, and used
 * again for what comes later: items of PutItems, requests, updates. Categories are a feature each. A text is the words and
 * word pairs that tell it from other texts, by TF-IDF. A number is a standardised feature, and the bucket that it falls
 * into, so that what is not linear can be learned too.
 */
export type FeatureColumn = CategoryFeatures | TextFeatures | NumberFeatures;

export interface CategoryFeatures {
  readonly name: string;
  readonly kind: 'categorical';
  readonly vocabulary: readonly string[];
}

export interface TextFeatures {
  readonly name: string;
  readonly kind: 'text';
  readonly vocabulary: readonly string[];
  /** By word: ln((1 + texts) / (1 + texts with the word)) + 1, to four decimals. */
  readonly inverseFrequencies: readonly number[];
}

export interface NumberFeatures {
  readonly name: string;
  /** A timestamp is read as the logarithm of an age, a duration as its own. */
  readonly kind: 'numeric' | 'timestamp' | 'duration';
  readonly mean: number;
  readonly deviation: number;
  /** Rising; bucket `b` holds the values from bounds[b - 1] to just below bounds[b]. */
  readonly bounds: readonly number[];
  /** Of timestamps: the moment that ages are counted back from, in milliseconds since the epoch. */
  readonly reference?: number;
}

/** The most words of a column that become features: those that most rows have. */
const MOST_FEATURES = 10_000;

/** A word of fewer rows says nothing about any other row. */
const LEAST_ROWS = 2;

/** A word that more rows have than this share tells texts apart too little. */
const MOST_COMMON = 0.5;

const BUCKETS = 10;

const DAY_MS = 24 * 3600 * 1000;

/** How many features a column has. */
export function featureCount(column: FeatureColumn): number {
  return 'vocabulary' in column ? column.vocabulary.length : 1 + column.bounds.length + 1;
}

/**
 * Fits features to the columns of a dataset. Columns that are the same in every row, or differ in every row, have none.
 * @param latest the data's latest interaction, in milliseconds since the epoch: what ages count back from
 */
export function fitFeatures(columns: readonly MetadataColumn[], latest: number): FeatureColumn[] {
  const fitted = columns.map((column) => ('values' in column ? fitNumbers(column, latest) : fitWords(column)));
  return fitted.filter((column) => column !== undefined);
}

/** A number as its features see it: itself, or the logarithm of 1 + an age in days, or of 1 + a duration in seconds. */
export function scaleOf({ kind, reference = 0 }: Pick<NumberFeatures, 'kind' | 'reference'>, value: number): number {
  if (kind === 'timestamp') return Math.log1p(Math.max(0, reference - value) / DAY_MS);
  return kind === 'duration' ? Math.log1p(Math.max(0, value) / 1000) : value;
}

function fitWords({ name, kind, words, offsets, codes }: WordColumn): FeatureColumn | undefined {
  const rows = offsets.length - 1;
  const rowsWith = new Int32Array(words.length);
  const lastRow = new Int32Array(words.length).fill(-1);
  for (let row = 0; row < rows; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      const code = codes[i]!;
      if (lastRow[code] !== row) rowsWith[code]!++;
      lastRow[code] = row;
    }
  }
  const most = kind === 'text' ? rows * MOST_COMMON : rows - 1;
  const kept = Array.from(words.keys())
    .filter((code) => rowsWith[code]! >= LEAST_ROWS && rowsWith[code]! <= most)
    .sort((a, b) => rowsWith[b]! - rowsWith[a]! || a - b)
    .slice(0, MOST_FEATURES);
  if (kept.length === 0) return undefined;
  const vocabulary = kept.map((code) => words[code]!);
  if (kind === 'categorical') return { name, kind, vocabulary };
  const inverseFrequencies = kept.map((code) => round(Math.log((1 + rows) / (1 + rowsWith[code]!)) + 1));
  return { name, kind, vocabulary, inverseFrequencies };
}

function fitNumbers({ name, kind, values }: NumberColumn, latest: number): FeatureColumn | undefined {
  const age = kind === 'timestamp' ? { reference: latest } : {};
  const known = values.filter((value) => !Number.isNaN(value)).map((value) => scaleOf({ kind, ...age }, value));
  if (known.length === 0) return undefined;
  known.sort();
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
  if (!(deviation > 0) || !Number.isFinite(deviation)) return undefined;
  const quantiles = Array.from(
    { length: BUCKETS - 1 },
    (_, i) => known[Math.floor(((i + 1) * known.length) / BUCKETS)]!,
  );
  const bounds = [...new Set(quantiles)].filter((bound) => bound > known[0]!);
  return { name, kind, mean, deviation, bounds, ...age };
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;
