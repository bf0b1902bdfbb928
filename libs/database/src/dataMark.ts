import type { DatasetGroupName } from '@attune/domain';
import type { Queryable } from './database';

/** How far the data of a dataset group had come at some moment. */
export interface DataMark {
  /** Interactions that came later have a higher number. */
  interaction: number;
  items: number;
}

/** Marks how far a dataset group's data has come. What is being written at this moment may count as older. */
export async function markData(db: Queryable, datasetGroup: DatasetGroupName): Promise<DataMark> {
  const [mark] = await db.query<DataMark>(
    `select (select case when is_called then last_value else 0 end from interaction_number) as interaction,
       (select count(*) from item where dataset_group = $1) as items`,
    [datasetGroup],
  );
  return mark!;
}

/** What has come into a dataset group since a mark. */
export interface NewData {
  interactions: boolean;
  items: boolean;
}

/** Reads the group's interactions only where the server has numbered any since the mark. */
export async function findNewData(db: Queryable, datasetGroup: DatasetGroupName, since: DataMark): Promise<NewData> {
  const now = await markData(db, datasetGroup);
  const items = now.items > since.items;
  if (now.interaction === since.interaction) return { interactions: false, items };
  const [found] = await db.query<{ some: boolean }>(
    `select exists (
       select from interaction where dataset_group = $1 and id > $2 and item_id is not null
     ) as some`,
    [datasetGroup, since.interaction],
  );
  return { interactions: found!.some, items };
}
