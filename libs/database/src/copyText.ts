import type { BulkColumn } from './bulkInsert';

/** Rows in the text format of COPY, one a line. */
export function copyText<Row>(columns: readonly BulkColumn<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map((column) => field(column, row)).join('\t')}\n`).join('');
}

function field<Row>({ type, of }: BulkColumn<Row>, row: Row): string {
  const value = of(row);
  if (value === undefined || value === null) return '\\N';
  if (type === 'jsonb') return escapeField(JSON.stringify(value));
  if (type === 'text[]') return escapeField(arrayLiteral(value as readonly string[]));
  return typeof value === 'string' ? escapeField(value) : String(value);
}

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
