/** How the values of a metadata column are read. `inferred` columns are read as their first values suggest. */
export type ColumnKind = 'categorical' | 'text' | 'numeric' | 'timestamp';

/** A column of items, users or events beyond those that every dataset has. */
export interface ColumnSchema {
  /** As in the rows that hold its values. */
  name: string;
  kind: ColumnKind | 'inferred';
}

/** Which further columns a dataset has. */
export interface MetadataSchema {
  items: readonly ColumnSchema[];
  users: readonly ColumnSchema[];
  /** Contextual metadata. */
  interactions: readonly ColumnSchema[];
}

/** Values by column name. What is null or absent is not known. */
export type MetadataRow = Readonly<Record<string, unknown>>;

/** Longer words are cut: no category and no word of a language needs more. */
const LONGEST_WORD = 100;

/** Further categories of one value are left out, so that a row stays small. */
const MOST_CATEGORIES = 64;

/** Further words of one text are left out: a product's description starts with what matters. */
const MOST_TEXT_WORDS = 256;

/** The categories that a value holds, joined by `|` as the API has it; each once, in order of appearance. */
export function categoriesOf(value: unknown): string[] {
  const parts = String(value).split('|', 4 * MOST_CATEGORIES);
  const words = parts.map((part) => part.trim().slice(0, LONGEST_WORD)).filter((word) => word !== '');
  return [...new Set(words)].slice(0, MOST_CATEGORIES);
}

/** The words of a text in lower case, then its pairs of neighbouring words; a word may be there several times. */
export function textWordsOf(value: unknown): string[] {
  const text = String(value).slice(0, MOST_TEXT_WORDS * 16);
  const found =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = found.slice(0, MOST_TEXT_WORDS).map((word) => word.slice(0, LONGEST_WORD));
  const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`);
  return [...words, ...pairs];
}

/** The words of a value that is categories or text. */
export function wordsOf(kind: 'categorical' | 'text', value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return kind === 'categorical' ? categoriesOf(value) : textWordsOf(value);
}

/** The number that a value is; NaN where it is none. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return Number.NaN;
  const number = Number(value);
  return Number.isFinite(number) ? number : Number.NaN;
}

/** Up to so many different numbers are taken for codes rather than for amounts. */
const MOST_CODES = 10;

/**
 * What a column whose schema does not say is taken for, from values that are not null: numbers, where nearly all are
 * and more than a few differ; categories, where a bar joins them or most occur more than once; text, where values have
 * several words; else nothing, because what names each row alone teaches nothing about another.
 */
export function inferKind(values: readonly unknown[]): ColumnKind | undefined {
  const texts = values.map(String).filter((text) => text.trim() !== '');
  if (texts.length === 0) return undefined;
  const share = (condition: (text: string) => boolean) => texts.filter(condition).length / texts.length;
  const distinct = new Set(texts).size;
  if (share((text) => !Number.isNaN(numberOf(text))) >= 0.99 && distinct > MOST_CODES) return 'numeric';
  if (share((text) => text.includes('|')) >= 0.05 || distinct <= texts.length / 2) return 'categorical';
  return share((text) => /[\p{L}\p{N}][^\p{L}\p{N}]+[\p{L}\p{N}]/u.test(text)) >= 0.3 ? 'text' : undefined;
}
