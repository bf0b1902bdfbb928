import {
  type DatasetKind,
  findDatasetSchema,
  listDatasets,
  type Queryable,
  type SolutionVersion,
} from '@attune/database';
import { propertyName } from '@attune/domain';
import type { ColumnSchema, MetadataSchema } from '@attune/recommender';

/** Columns that a dataset has by themselves; what of them is metadata is said below. */
const RESERVED: ReadonlySet<string> = new Set([
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'IMPRESSION',
  'RECOMMENDATION_ID',
  'EVENT_ATTRIBUTION_SOURCE',
  'CREATION_TIMESTAMP',
]);

/** What a solution trains on beside who touched what, and when. */
export interface TrainingSchema {
  metadata: MetadataSchema;
  eventTypes: boolean;
  eventValues: boolean;
}

/** A field of a stored schema, which control has checked. */
interface Field {
  name: string;
  type: string | readonly string[];
  categorical?: boolean;
  textual?: boolean;
}

interface DataConfig {
  excludedDatasetColumns?: Readonly<Record<string, readonly string[]>>;
  includedDatasetColumns?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Which columns a solution trains on, and how they are read: those of the datasets' schemas, less what its
 * trainingDataConfig leaves out.
 */
export async function readTrainingSchema(
  db: Queryable,
  { datasetGroup, definition }: Pick<SolutionVersion, 'datasetGroup' | 'definition'>,
): Promise<TrainingSchema> {
  const config = (definition.solutionConfig?.trainingDataConfig ?? {}) as DataConfig;
  const fields = new Map<DatasetKind, readonly Field[]>();
  for (const { kind, schemaArn } of await listDatasets(db, datasetGroup)) {
    const schema = await findDatasetSchema(db, schemaArn);
    if (schema) fields.set(kind, (JSON.parse(schema.schema) as { fields: readonly Field[] }).fields);
  }
  const columns = (kind: DatasetKind) =>
    (fields.get(kind) ?? []).filter(({ name }) => trainsOn(config, kind, name) && !RESERVED.has(name)).map(columnOf);
  const items: readonly ColumnSchema[] = trainsOn(config, 'items', 'CREATION_TIMESTAMP')
    ? [{ name: 'CREATION_TIMESTAMP', kind: 'timestamp' }, ...columns('items')]
    : columns('items');
  return {
    metadata: {
      items,
      users: columns('users'),
      interactions: columns('interactions').map(({ name, kind }) => ({ name: propertyName(name), kind })),
    },
    eventTypes: trainsOn(config, 'interactions', 'EVENT_TYPE'),
    eventValues: trainsOn(config, 'interactions', 'EVENT_VALUE'),
  };
}

function trainsOn(config: DataConfig, kind: DatasetKind, column: string): boolean {
  const named = (columns: DataConfig['includedDatasetColumns']) =>
    Object.entries(columns ?? {}).find(([type]) => type.toLowerCase() === kind)?.[1];
  if (named(config.excludedDatasetColumns)?.includes(column)) return false;
  return named(config.includedDatasetColumns)?.includes(column) ?? true;
}

/** A string that its schema calls neither categorical nor textual is read as its values suggest. */
function columnOf({ name, type, categorical, textual }: Field): ColumnSchema {
  if (categorical) return { name, kind: 'categorical' };
  if (textual) return { name, kind: 'text' };
  const [bare] = (Array.isArray(type) ? type : [type]).filter((branch) => branch !== 'null');
  if (bare === 'boolean') return { name, kind: 'categorical' };
  return { name, kind: bare === 'string' ? 'inferred' : 'numeric' };
}
