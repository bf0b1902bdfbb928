import type { DatasetKind } from '@attune/database';
import { LATEST_TIMESTAMP_S, MAX_ID_LENGTH, MAX_RECOMMENDATION_ID_LENGTH, type PropertyValue } from '@attune/domain';
import { reservedColumn, type SchemaColumn } from './schemaColumns';

/** What the text of a field may be, and what it means. */
export interface ValueType {
  /** What was expected instead of this text, which is not empty; undefined where it is fine. */
  problem(text: string): string | undefined;
  /** The value of a text that is fine. */
  value(text: string): PropertyValue;
}

const asText = (text: string) => text;

/** The limits on text that the developer guide has for metadata: of categories, and of sentences. */
const MAX_METADATA_LENGTH = 1_000;
const MAX_TEXTUAL_LENGTH = 20_000;

function text(what: string, max: number): ValueType {
  return {
    problem: (given) => {
      if (given.length > max) return `${what} of at most ${max} characters`;
      // Postgres keeps no U+0000 in a text.
      return given.includes('\0') ? `${what} without the character U+0000` : undefined;
    },
    value: asText,
  };
}

function id(max: number): ValueType {
  const type = text('an id', max);
  return { ...type, problem: (given) => (given.trim() === '' ? 'an id, not blanks' : type.problem(given)) };
}

const ID = id(MAX_ID_LENGTH);

/** Unix seconds, as milliseconds. */
const TIMESTAMP: ValueType = {
  problem: (given) => {
    const seconds = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (seconds <= LATEST_TIMESTAMP_S) return undefined;
    const unit = seconds > LATEST_TIMESTAMP_S ? ' (this looks like milliseconds)' : '';
    return `Unix time in whole seconds, for example 1700000000${unit}`;
  },
  value: (given) => Number(given) * 1000,
};

const IMPRESSION: ValueType = {
  problem: (given) =>
    given.split('|').some((each) => ID.problem(each) !== undefined || each === '')
      ? `item ids of at most ${MAX_ID_LENGTH} characters joined by |, for example 12|7|30`
      : undefined,
  value: asText,
};

const NUMBER: ValueType = {
  problem: (given) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) && Number.isFinite(Number(given))
      ? undefined
      : 'a number, for example 4.5',
  value: Number,
};

function whole(limit: number): ValueType {
  return {
    problem: (given) =>
      /^-?\d+$/.test(given) && Math.abs(Number(given)) <= limit
        ? undefined
        : `a whole number of at most ${limit}, for example 42`,
    value: Number,
  };
}

const BOOLEAN: ValueType = {
  problem: (given) => (/^(true|false)$/i.test(given) ? undefined : 'true or false'),
  value: (given) => given.toLowerCase() === 'true',
};

/** The reserved columns: each means the same in all the datasets that have it. */
const RESERVED: Readonly<Record<string, ValueType>> = {
  USER_ID: ID,
  ITEM_ID: ID,
  TIMESTAMP,
  CREATION_TIMESTAMP: TIMESTAMP,
  EVENT_TYPE: ID,
  EVENT_VALUE: NUMBER,
  IMPRESSION,
  RECOMMENDATION_ID: id(MAX_RECOMMENDATION_ID_LENGTH),
};

const BY_TYPE: Readonly<Record<SchemaColumn['type'], ValueType>> = {
  string: text('text', MAX_METADATA_LENGTH),
  int: whole(2 ** 31 - 1),
  long: whole(Number.MAX_SAFE_INTEGER),
  float: NUMBER,
  double: NUMBER,
  boolean: BOOLEAN,
};

const TEXTUAL = text('text', MAX_TEXTUAL_LENGTH);

/** @param column as the schema has it; undefined for one that the schema does not have, which is text */
export function valueType(kind: DatasetKind, name: string, column: SchemaColumn | undefined): ValueType {
  const reserved = reservedColumn(kind, name) && RESERVED[name];
  if (reserved) return reserved;
  return column && !column.textual ? BY_TYPE[column.type] : TEXTUAL;
}
