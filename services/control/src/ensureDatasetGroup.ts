import {
  changeResources,
  createDataset,
  createDatasetGroup,
  createDatasetSchema,
  type DatasetKind,
  findDatasetGroup,
  findDatasetSchema,
  listDatasets,
  type Queryable,
} from '@attune/database';
import { type DatasetGroupName, resourceArn } from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { parseDatasetSchema } from './datasetSchema';
import { COLUMN_RULES } from './schemaColumns';

/** The metadata columns of each dataset, by name. */
export type MetadataColumns = Readonly<Record<DatasetKind, readonly string[]>>;

const STANDARD_METADATA: MetadataColumns = { interactions: [], items: ['TITLE', 'GENRES'], users: ['AGE', 'GENDER'] };

const RECORD_NAMES: Readonly<Record<DatasetKind, string>> = {
  interactions: 'Interactions',
  items: 'Items',
  users: 'Users',
};

/**
 * Makes sure that there is a dataset group of this name, and in it the three datasets, each with a schema of the reserved
 * columns and of metadata columns that hold text or nothing.
 * @param metadata what the group's files have beside the reserved columns; datasets that are there keep their schemas
 */
export async function ensureDatasetGroup(
  parts: ResourceParts,
  name: DatasetGroupName,
  metadata: Partial<MetadataColumns> = {},
): Promise<void> {
  await changeResources(parts.database, async (transaction) => {
    if (!(await findDatasetGroup(transaction, name))) {
      await createDatasetGroup(transaction, { name, createdAt: parts.now() });
    }
    const present = new Set((await listDatasets(transaction, name)).map(({ kind }) => kind));
    for (const kind of Object.keys(RECORD_NAMES) as DatasetKind[]) {
      if (present.has(kind)) continue;
      const schemaArn = await ensureSchema(transaction, parts, `${name}-${kind}`, kind, metadata[kind]);
      const arn = resourceArn(parts.scope, 'dataset', `${name}/${kind.toUpperCase()}`);
      const dataset = { arn, name: `${name}-${kind}`, datasetGroup: name, kind, schemaArn, createdAt: parts.now() };
      await createDataset(transaction, dataset);
    }
  });
}

async function ensureSchema(
  db: Queryable,
  { scope, now }: ResourceParts,
  name: string,
  kind: DatasetKind,
  metadata: readonly string[] = STANDARD_METADATA[kind],
): Promise<string> {
  const arn = resourceArn(scope, 'schema', name);
  if (!(await findDatasetSchema(db, arn))) {
    const schema = schemaText(kind, metadata);
    parseDatasetSchema(schema);
    await createDatasetSchema(db, { arn, name, schema, createdAt: now() });
  }
  return arn;
}

function schemaText(kind: DatasetKind, metadata: readonly string[]): string {
  const reserved = Object.entries(COLUMN_RULES[kind].reserved).map(([column, { type, required }]) => ({
    name: column,
    type: required ? type : [type, 'null'],
  }));
  const further = metadata.map((column) => ({ name: column, type: ['string', 'null'] }));
  return JSON.stringify({
    type: 'record',
    name: RECORD_NAMES[kind],
    namespace: 'attune',
    fields: [...reserved, ...further],
    version: '1.0',
  });
}
