import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';

export interface DatasetGroup {
  name: DatasetGroupName;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const SELECT = 'select name, created_ms as "createdAt" from dataset_group';

/** @throws ResourceAlreadyExistsError */
export async function createDatasetGroup(db: Queryable, group: DatasetGroup): Promise<void> {
  const created = await db.query(
    'insert into dataset_group (name, created_ms) values ($1, $2) on conflict do nothing returning name',
    [group.name, group.createdAt],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a dataset group "${group.name}" already.`);
}

export async function findDatasetGroup(db: Queryable, name: DatasetGroupName): Promise<DatasetGroup | undefined> {
  return (await db.query<DatasetGroup>(`${SELECT} where name = $1`, [name]))[0];
}

/** All dataset groups, in order of their creation. */
export function listDatasetGroups(db: Queryable): Promise<DatasetGroup[]> {
  return db.query<DatasetGroup>(`${SELECT} order by created_ms, name`);
}
