import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import { deleteItems } from './items';
import { type Page, pageClause } from './page';
import { fromRow, type JsonObject, type NullableRow } from './rows';
import { deleteUserProfiles } from './userProfiles';

/** The datasets that a dataset group may have, one of each. */
export type DatasetKind = 'interactions' | 'items' | 'users';

export interface Dataset {
  arn: string;
  name: string;
  datasetGroup: DatasetGroupName;
  kind: DatasetKind;
  schemaArn: string;
  /** The latest UpdateDataset, as the API shows it. */
  latestUpdate?: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = `select arn, name, dataset_group as "datasetGroup", kind, schema_arn as "schemaArn",
  latest_update as "latestUpdate", created_ms as "createdAt", updated_ms as "updatedAt" from dataset`;

/** @throws ResourceAlreadyExistsError where the group has a dataset of this kind */
export async function createDataset(
  db: Queryable,
  dataset: Omit<Dataset, 'latestUpdate' | 'updatedAt'>,
): Promise<void> {
  const created = await db.query(
    `insert into dataset (arn, name, dataset_group, kind, schema_arn, created_ms, updated_ms)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing returning arn`,
    [dataset.arn, dataset.name, dataset.datasetGroup, dataset.kind, dataset.schemaArn, dataset.createdAt],
  );
  if (created.length === 0) {
    throw new ResourceAlreadyExistsError(
      `Dataset group "${dataset.datasetGroup}" has a dataset of type ${dataset.kind.toUpperCase()} already: one of each is all it may have.`,
    );
  }
}

export async function findDataset(db: Queryable, arn: string): Promise<Dataset | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/** The datasets of a dataset group, in order of their creation. */
export function listDatasets(db: Queryable, datasetGroup: DatasetGroupName): Promise<Dataset[]> {
  return select(db, 'where dataset_group = $1 order by created_ms, arn', [datasetGroup]);
}

/** The datasets that have a schema, in order of their creation. */
export function listDatasetsOfSchema(db: Queryable, schemaArn: string): Promise<Dataset[]> {
  return select(db, 'where schema_arn = $1 order by created_ms, arn', [schemaArn]);
}

/** A page of all datasets, or of those of one dataset group, in order of their creation. */
export function pageOfDatasets(
  db: Queryable,
  datasetGroup: DatasetGroupName | undefined,
  page: Page,
): Promise<Dataset[]> {
  const { sql, parameters } = pageClause({ dataset_group: datasetGroup }, page);
  return select(db, sql, parameters);
}

/** Gives a dataset another schema, which its next imports follow. */
export async function changeDatasetSchema(
  db: Queryable,
  arn: string,
  schemaArn: string,
  latestUpdate: JsonObject,
  now: number,
): Promise<void> {
  await db.query('update dataset set schema_arn = $2, latest_update = $3, updated_ms = $4 where arn = $1', [
    arn,
    schemaArn,
    latestUpdate,
    now,
  ]);
}

/** Deletes a dataset with its data and its jobs; of interactions, those that streamed in, too. Run it in a transaction. */
export async function deleteDataset(
  db: Queryable,
  { arn, datasetGroup, kind }: Pick<Dataset, 'arn' | 'datasetGroup' | 'kind'>,
): Promise<void> {
  if (kind === 'interactions') {
    await db.query('delete from interaction where dataset_group = $1', [datasetGroup]);
    await db.query('delete from interaction_event_id where dataset_group = $1', [datasetGroup]);
  }
  if (kind === 'items') await deleteItems(db, datasetGroup);
  if (kind === 'users') await deleteUserProfiles(db, datasetGroup);
  await db.query('delete from dataset where arn = $1', [arn]);
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<Dataset[]> {
  const rows = await db.query<NullableRow<Dataset>>(`${SELECT} ${rest}`, parameters);
  return rows.map((row) => fromRow<Dataset>(row));
}
