import type { ExportedRow } from '@attune/database';
import { propertyName } from '@attune/domain';
import type { ParsedSchema } from './datasetSchema';
import { reservedColumn } from './schemaColumns';

/** Writes rows of a dataset as a CSV file (RFC 4180) in the columns of its schema, the header first. */
export function csvLines({ kind, columns }: ParsedSchema): (rows: readonly ExportedRow[]) => Uint8Array {
  const readers = columns.map(({ name }) => {
    const reserved = reservedColumn(kind, name) && RESERVED[name];
    const key = kind === 'interactions' ? propertyName(name) : name;
    return reserved ?? ((row: ExportedRow) => row.metadata?.[key]);
  });
  const header = columns.map(({ name }) => name).join(',');
  return (rows) => {
    const lines = rows.map((row) => readers.map((read) => field(read(row))).join(','));
    return Buffer.from(`${[header, ...lines].join('\n')}\n`);
  };
}

const seconds = (milliseconds: number | null) => (milliseconds === null ? null : Math.floor(milliseconds / 1000));

const RESERVED: Readonly<Record<string, (row: ExportedRow) => unknown>> = {
  USER_ID: (row) => row.userId,
  ITEM_ID: (row) => row.itemId,
  TIMESTAMP: (row) => seconds(row.timestamp),
  CREATION_TIMESTAMP: (row) => seconds(row.timestamp),
  EVENT_TYPE: (row) => row.eventType,
  EVENT_VALUE: (row) => row.eventValue,
  RECOMMENDATION_ID: (row) => row.recommendationId,
  IMPRESSION: (row) => row.impression?.join('|'),
};

function field(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
