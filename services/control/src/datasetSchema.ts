import { jsonProblem, shown } from '@attune/aws';
import type { DatasetKind } from '@attune/database';
import { InvalidInputError } from '@attune/domain';
import { Type } from 'avsc';
import { COLUMN_TYPES, type ColumnType, columnProblems, type SchemaColumn } from './schemaColumns';

/** What a schema says: of which dataset type it is, and which columns there are, in their order. */
export interface ParsedSchema {
  kind: DatasetKind;
  columns: readonly SchemaColumn[];
}

/** The record names that make a schema one of a dataset type. */
const KINDS = new Map<unknown, DatasetKind>([
  ['Interactions', 'interactions'],
  ['Items', 'items'],
  ['Users', 'users'],
]);

/** The API's limit on the name of a column, in characters. */
const MAX_NAME_LENGTH = 150;

/** The most problems that one message spells out. */
const MAX_SPELLED_OUT = 10;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a schema: a flat Avro record in JSON, whose name says of which dataset type it is.
 * @throws InvalidInputError that says what is wrong, and where
 * @see https://avro.apache.org/docs/1.12.0/specification/
 */
export function parseDatasetSchema(text: string): ParsedSchema {
  const record = parseRecord(text);
  const kind = KINDS.get(record.name);
  if (kind === undefined) {
    throw refuse([`Its name is ${shown(record.name)}. Expected Interactions, Items or Users, the dataset type.`]);
  }
  if (!Array.isArray(record.fields) || record.fields.length === 0) {
    throw refuse(['It has no fields. Expected "fields": [{"name": ..., "type": ...}, ...].']);
  }
  const problems: string[] = [];
  const columns = (record.fields as unknown[]).flatMap((field, index) => readColumn(field, index, problems));
  if (problems.length === 0) problems.push(...columnProblems(kind, columns));
  if (problems.length === 0) problems.push(...avroProblems(record));
  if (problems.length > 0) throw refuse(problems);
  return { kind, columns };
}

function refuse(problems: readonly string[]): InvalidInputError {
  const more = problems.length > MAX_SPELLED_OUT ? ` And ${problems.length - MAX_SPELLED_OUT} problems more.` : '';
  return new InvalidInputError(`The schema is not valid. ${problems.slice(0, MAX_SPELLED_OUT).join(' ')}${more}`);
}

function parseRecord(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse([`It is not JSON: ${jsonProblem(text) ?? 'it is empty or cut off'}.`]);
  }
  if (!isObject(value) || value.type !== 'record') {
    throw refuse(['Expected an Avro record: {"type": "record", "name": ..., "fields": [...]}.']);
  }
  return value;
}

/** @returns the column; none where it has problems, which are added to the others */
function readColumn(field: unknown, index: number, problems: string[]): SchemaColumn[] {
  if (!isObject(field)) {
    problems.push(`fields[${index}] is ${shown(field)}. Expected {"name": ..., "type": ...}.`);
    return [];
  }
  const { name } = field;
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z\d_]*$/.test(name) || name.length > MAX_NAME_LENGTH) {
    problems.push(
      `The name of fields[${index}] is ${shown(name)}. Expected letters, digits and underscores, no digit first, ${MAX_NAME_LENGTH} at most.`,
    );
    return [];
  }
  const type = readType(field.type);
  if (type === undefined) {
    problems.push(
      `The type of field ${name} is ${shown(field.type)}. Expected one of ${COLUMN_TYPES.join(', ')}, or a list of one of them and null.`,
    );
  }
  const [categorical, textual] = ['categorical', 'textual'].map((attribute) => {
    const value = field[attribute] ?? false;
    if (typeof value !== 'boolean') {
      problems.push(`The attribute ${attribute} of field ${name} is ${shown(value)}. Expected true or false.`);
    }
    return value === true;
  }) as [boolean, boolean];
  return type === undefined ? [] : [{ name, ...type, categorical, textual }];
}

function readType(given: unknown): Pick<SchemaColumn, 'type' | 'nullable'> | undefined {
  const branches: unknown[] = Array.isArray(given) ? given : [given];
  const types = branches.filter((branch) => branch !== 'null');
  const [type] = types;
  const nullable = branches.length > types.length;
  if (types.length !== 1 || branches.length > 2 || !COLUMN_TYPES.includes(type as ColumnType)) return undefined;
  return { type: type as ColumnType, nullable };
}

/** What the columns' own checks leave to Avro: namespaces, defaults, aliases. */
function avroProblems(record: Json): string[] {
  try {
    Type.forSchema(record as unknown as Parameters<typeof Type.forSchema>[0]);
    return [];
  } catch (error) {
    return [`It is not valid Avro: ${(error as Error).message}.`];
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
