import type { DatasetKind } from '@attune/database';

/** The Avro types that a column may have. */
export const COLUMN_TYPES = ['string', 'int', 'long', 'float', 'double', 'boolean'] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** A column of a dataset, as its schema says. */
export interface SchemaColumn {
  name: string;
  type: ColumnType;
  /** Whether a row may have no value. */
  nullable: boolean;
  /** Text that holds one or more categories, joined by `|`. */
  categorical: boolean;
  /** Text in sentences. */
  textual: boolean;
}

/** A column whose name and type the API gives. */
interface ReservedColumn {
  type: ColumnType;
  /** A column that every schema of the dataset has, with a value in every row. */
  required: boolean;
}

/** What the API asks of the schemas of one dataset type. */
interface ColumnRules {
  reserved: Readonly<Record<string, ReservedColumn>>;
  /** How many columns may be added to the reserved ones. */
  metadata: { minimum: number; maximum: number };
  textual: boolean;
}

const required = (type: ColumnType): ReservedColumn => ({ type, required: true });
const optional = (type: ColumnType): ReservedColumn => ({ type, required: false });

/** The columns and limits of the developer guide's page on custom schemas, and of its page on quotas. */
export const COLUMN_RULES: Readonly<Record<DatasetKind, ColumnRules>> = {
  interactions: {
    reserved: {
      USER_ID: required('string'),
      ITEM_ID: required('string'),
      TIMESTAMP: required('long'),
      EVENT_TYPE: optional('string'),
      EVENT_VALUE: optional('float'),
      IMPRESSION: optional('string'),
      RECOMMENDATION_ID: optional('string'),
      EVENT_ATTRIBUTION_SOURCE: optional('string'),
    },
    metadata: { minimum: 0, maximum: 5 },
    textual: false,
  },
  items: {
    reserved: { ITEM_ID: required('string'), CREATION_TIMESTAMP: optional('long') },
    metadata: { minimum: 1, maximum: 100 },
    textual: true,
  },
  users: {
    reserved: { USER_ID: required('string') },
    metadata: { minimum: 1, maximum: 25 },
    textual: false,
  },
};

/**
 * What the columns of a schema break of their dataset's rules.
 * @returns a sentence for each problem
 */
export function columnProblems(kind: DatasetKind, columns: readonly SchemaColumn[]): string[] {
  const { metadata } = COLUMN_RULES[kind];
  const missing = Object.entries(COLUMN_RULES[kind].reserved)
    .filter(([name, column]) => column.required && !columns.some((each) => each.name === name))
    .map(([name, { type }]) => `The field ${name} of type ${type} is missing, which every schema for ${kind} has.`);
  const problems = [...missing, ...repeatedNames(columns), ...columns.flatMap((column) => problemsOf(kind, column))];
  const added = metadataColumns(kind, columns).length;
  if (added > metadata.maximum) {
    problems.push(`There are ${added} metadata fields. A schema for ${kind} may have ${metadata.maximum}.`);
  }
  if (added < metadata.minimum) {
    problems.push(`There is no metadata field, and a schema for ${kind} has at least one beyond the reserved fields.`);
  }
  return problems;
}

/** What the API says of a column; undefined where its name is free. */
export function reservedColumn(kind: DatasetKind, name: string): ReservedColumn | undefined {
  const { reserved } = COLUMN_RULES[kind];
  return Object.hasOwn(reserved, name) ? reserved[name] : undefined;
}

/** The columns beyond the reserved ones. */
export function metadataColumns(kind: DatasetKind, columns: readonly SchemaColumn[]): SchemaColumn[] {
  return columns.filter(({ name }) => reservedColumn(kind, name) === undefined);
}

function problemsOf(kind: DatasetKind, column: SchemaColumn): string[] {
  const { textual } = COLUMN_RULES[kind];
  const at = `Field ${column.name}`;
  const problems: string[] = [];
  const rule = reservedColumn(kind, column.name);
  if (rule && column.type !== rule.type) {
    problems.push(`${at} has the type ${column.type}. The name is reserved for a field of type ${rule.type}.`);
  }
  if (rule?.required && column.nullable) problems.push(`${at} may not be null: every row needs its value.`);
  if (rule && (column.categorical || column.textual)) {
    problems.push(`${at} is reserved, and can be neither categorical nor textual.`);
  } else if ((column.categorical || column.textual) && column.type !== 'string') {
    problems.push(`${at} has the type ${column.type}. Only a field of type string can be categorical or textual.`);
  } else if (column.categorical && column.textual) {
    problems.push(`${at} is both categorical and textual. Choose one.`);
  } else if (column.textual && !textual) {
    problems.push(`${at} is textual, which only a field of an Items schema can be.`);
  }
  return problems;
}

/** Fields must differ by more than underscores and case: events name them in camelCase, files in any case. */
function repeatedNames(columns: readonly SchemaColumn[]): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const { name } of columns) {
    const bare = name.replaceAll('_', '').toUpperCase();
    const before = seen.get(bare);
    if (before === name) problems.push(`The field ${name} is there twice.`);
    else if (before !== undefined) {
      problems.push(`The fields ${before} and ${name} differ in underscores or case alone, which is not enough.`);
    }
    seen.set(bare, name);
  }
  return problems;
}
