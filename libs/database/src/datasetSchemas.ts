import { ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';

/** Says which columns a dataset has. */
export interface DatasetSchema {
  arn: string;
  /** Unique on a server. */
  name: string;
  /** Avro, as JSON text, exactly as it was given. */
  schema: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const SELECT = 'select arn, name, schema, created_ms as "createdAt" from dataset_schema';

/** @throws ResourceAlreadyExistsError */
export async function createDatasetSchema(db: Queryable, schema: DatasetSchema): Promise<void> {
  const created = await db.query(
    `insert into dataset_schema (arn, name, schema, created_ms) values ($1, $2, $3, $4)
     on conflict do nothing returning arn`,
    [schema.arn, schema.name, schema.schema, schema.createdAt],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a schema "${schema.name}" already.`);
}

export async function findDatasetSchema(db: Queryable, arn: string): Promise<DatasetSchema | undefined> {
  return (await db.query<DatasetSchema>(`${SELECT} where arn = $1`, [arn]))[0];
}

/** A page of the schemas, in order of their creation. */
export function pageOfDatasetSchemas(db: Queryable, page: Page): Promise<DatasetSchema[]> {
  const { sql, parameters } = pageClause({}, page);
  return db.query<DatasetSchema>(`${SELECT} ${sql}`, parameters);
}

/** Deletes a schema that no dataset has. */
export async function deleteDatasetSchema(db: Queryable, arn: string): Promise<void> {
  await db.query('delete from dataset_schema where arn = $1', [arn]);
}
