import type { BulkColumn } from './bulkInsert';

/** Rows in the text format of COPY, one a line. */
export function copyText<Row>(columns: readonly BulkColumn<Row>[], rows: readonly Row[]): string {
  const fields = columns.map(fieldOf);
  let text = '';
  for (const row of rows) {
    let separator = '';
    for (const field of fields) {
      text += separator + field(row);
      separator = '\t';
    }
    text += '\n';
  }
  return text;
}

function fieldOf<Row>({ type, of }: BulkColumn<Row>): (row: Row) => string {
  const write = WRITERS[type];
  return (row) => {
    const value = of(row);
    return value === undefined || value === null ? '\\N' : write(value);
  };
}

const WRITERS: Readonly<Record<BulkColumn<never>['type'], (value: unknown) => string>> = {
  text: (value) => escapeField(value as string),
  integer: String,
  bigint: String,
  boolean: String,
  'double precision': String,
  'text[]': (value) => escapeField(arrayLiteral(value as readonly string[])),
  jsonb: (value) => escapeField(JSON.stringify(value)),
};

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/**
 * A value as a field of COPY's text format. Few hold a character that must be escaped, and asking first is several times faster than
 * replacing.
 */
export function escapeField(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!) : text;
}

/** An array of text as SQL writes it; a field of COPY still wants it escaped. */
export function arrayLiteral(elements: readonly string[]): string {
  return `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
