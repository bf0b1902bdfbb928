import { arrayLiteral, type DatasetKind, escapeField } from '@attune/database';
import { type DatasetGroupName, type PropertyValue, propertyName } from '@attune/domain';
import type { CsvColumn } from './csvTable';

/** Writes a checked record as a line in COPY's text format, of the columns that `COPIED_COLUMNS` has for the dataset. */
export type LineWriter = (fields: readonly string[]) => string;

/** The event type of interactions whose file has no EVENT_TYPE column. */
const DEFAULT_EVENT_TYPE = 'interaction';

const NULL = '\\N';

/** @param columns the file's */
export function lineWriter(
  kind: DatasetKind,
  datasetGroup: DatasetGroupName,
  columns: readonly CsvColumn[],
): LineWriter {
  const group = escapeField(datasetGroup);
  if (kind === 'interactions') return interactionWriter(group, columns);
  const [idAt, createdAt] = [kind === 'items' ? 'ITEM_ID' : 'USER_ID', 'CREATION_TIMESTAMP'].map((name) =>
    placeOf(columns, name),
  ) as [number, number];
  if (kind === 'users') {
    const metadata = objectWriter(columns, ['USER_ID'], (name) => name);
    return (fields) => `${group}\t${escapeField(fields[idAt]!)}\t${metadata(fields) ?? '{}'}\n`;
  }
  const metadata = objectWriter(columns, ['ITEM_ID', 'CREATION_TIMESTAMP'], (name) => name);
  return (fields) => {
    const created = fields[createdAt];
    const creation = created ? inMilliseconds(created) : NULL;
    return `${group}\t${escapeField(fields[idAt]!)}\t${creation}\t${metadata(fields) ?? '{}'}\n`;
  };
}

function interactionWriter(group: string, columns: readonly CsvColumn[]): LineWriter {
  const [userAt, itemAt, timeAt, typeAt, valueAt, recommendationAt, impressionAt] = INTERACTION_COLUMNS.map((name) =>
    placeOf(columns, name),
  ) as [number, number, number, number, number, number, number];
  const properties = objectWriter(columns, INTERACTION_COLUMNS, propertyName);
  return (fields) => {
    const user = escapeField(fields[userAt]!);
    const item = escapeField(fields[itemAt]!);
    const type = escapeField(fields[typeAt] || DEFAULT_EVENT_TYPE);
    const value = fields[valueAt] ? Number(fields[valueAt]) : NULL;
    const recommendation = fields[recommendationAt] ? escapeField(fields[recommendationAt]) : NULL;
    const impression = fields[impressionAt] ? escapeField(arrayLiteral(fields[impressionAt].split('|'))) : NULL;
    const further = properties(fields) ?? NULL;
    return `${group}\t${user}\t${user}\t${item}\t${inMilliseconds(fields[timeAt]!)}\t${type}\t${value}\t${recommendation}\t${impression}\t${further}\n`;
  };
}

const INTERACTION_COLUMNS = [
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'RECOMMENDATION_ID',
  'IMPRESSION',
];

/** Past the last field where there is no such column: its text is undefined then. */
function placeOf(columns: readonly CsvColumn[], name: string): number {
  const index = columns.findIndex((column) => column.name.toUpperCase() === name);
  return index < 0 ? columns.length : index;
}

/** Needs no number: these are digits alone. */
const inMilliseconds = (seconds: string) => `${seconds}000`;

/** @returns what writes the columns beyond the reserved ones as a JSON object; undefined where a record has none */
function objectWriter(
  columns: readonly CsvColumn[],
  reserved: readonly string[],
  rename: (column: string) => string,
): (fields: readonly string[]) => string | undefined {
  const others = columns.flatMap(({ name, type }, index) =>
    reserved.includes(name.toUpperCase()) ? [] : [{ key: rename(name), type, index }],
  );
  if (others.length === 0) return () => undefined;
  return (fields) => {
    const object: Record<string, PropertyValue> = {};
    let some = false;
    for (const { key, type, index } of others) {
      const text = fields[index]!;
      if (text === '') continue;
      object[key] = type.value(text);
      some = true;
    }
    return some ? escapeField(JSON.stringify(object)) : undefined;
  };
}
