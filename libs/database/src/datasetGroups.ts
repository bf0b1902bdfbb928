import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';
import type { JsonObject } from './rows';

export interface DatasetGroup {
  /** Unique on a server; its ARN follows from it. */
  name: DatasetGroupName;
  /** Further members of the request that made it, as the API writes them. */
  definition: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = 'select name, definition, created_ms as "createdAt", updated_ms as "updatedAt" from dataset_group';

/** @throws ResourceAlreadyExistsError */
export async function createDatasetGroup(
  db: Queryable,
  { name, definition = {}, createdAt }: Pick<DatasetGroup, 'name' | 'createdAt'> & { definition?: JsonObject },
): Promise<void> {
  const created = await db.query(
    `insert into dataset_group (name, definition, created_ms, updated_ms) values ($1, $2, $3, $3)
     on conflict do nothing returning name`,
    [name, definition, createdAt],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a dataset group "${name}" already.`);
}

export async function findDatasetGroup(db: Queryable, name: DatasetGroupName): Promise<DatasetGroup | undefined> {
  return (await db.query<DatasetGroup>(`${SELECT} where name = $1`, [name]))[0];
}

/** All dataset groups, in order of their creation. */
export function listDatasetGroups(db: Queryable): Promise<DatasetGroup[]> {
  return db.query<DatasetGroup>(`${SELECT} order by created_ms, name`);
}

/** A page of the dataset groups, in order of their creation. Pages are keyed by name. */
export function pageOfDatasetGroups(db: Queryable, page: Page): Promise<DatasetGroup[]> {
  const { sql, parameters } = pageClause({}, page, 'name');
  return db.query<DatasetGroup>(`${SELECT} ${sql}`, parameters);
}

/**
 * Deletes a dataset group with all its data and its archive of events. Run it in a transaction, and only where no
 * solution, campaign, dataset or event tracker is left in the group.
 */
export async function deleteDatasetGroup(db: Queryable, name: DatasetGroupName): Promise<void> {
  for (const table of ['interaction', 'interaction_event_id', 'slate', 'item', 'user_profile', 'dataset_job']) {
    await db.query(`delete from ${table} where dataset_group = $1`, [name]);
  }
  await db.query('delete from dataset_group where name = $1', [name]);
}
