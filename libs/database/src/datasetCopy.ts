import type { DatasetGroupName, UserId } from '@attune/domain';
import type { Queryable } from './database';
import type { DatasetKind } from './datasets';

/** What is imported of each dataset, in this order: the fields of a line in COPY's text format. */
export const COPIED_COLUMNS: Readonly<Record<DatasetKind, readonly string[]>> = {
  interactions: [
    'dataset_group',
    'user_id',
    'history_key',
    'item_id',
    'timestamp_ms',
    'event_type',
    'event_value',
    'recommendation_id',
    'impression',
    'properties',
  ],
  items: ['dataset_group', 'item_id', 'creation_ms', 'metadata'],
  users: ['dataset_group', 'user_id', 'metadata'],
};

/**
 * Takes lines of `COPIED_COLUMNS` into a dataset. Interactions are added; items and users with an id that is there already
 * are replaced, and of several lines with one id the last counts. Run it in a transaction: what is thrown on the way, by the
 * lines' source too, leaves the dataset as it was only where the transaction rolls back.
 */
export async function copyIntoDataset(db: Queryable, kind: DatasetKind, lines: AsyncIterable<string>): Promise<void> {
  // A large file takes as long as it takes.
  await db.runScript('set local statement_timeout = 0');
  const columns = COPIED_COLUMNS[kind];
  if (kind === 'interactions') return db.copyRows('interaction', columns, lines);
  const { table, id } = UPSERTED[kind];
  const names = columns.join(', ');
  const staging = `imported_${kind}`;
  await db.runScript(`create temporary table ${staging} on commit drop as
    select ${names} from ${table} limit 0; alter table ${staging} add place bigint generated always as identity`);
  await db.copyRows(staging, columns, lines);
  const replaced = columns.filter((column) => column !== 'dataset_group' && column !== id);
  await db.query(
    `insert into ${table} (${names})
     select distinct on (${id}) ${names} from ${staging} order by ${id}, place desc
     on conflict (dataset_group, ${id}) do update
     set ${replaced.map((column) => `${column} = excluded.${column}`).join(', ')}, put = false`,
  );
  return db.runScript(`drop table ${staging}`);
}

const UPSERTED = {
  items: { table: 'item', id: 'item_id' },
  users: { table: 'user_profile', id: 'user_id' },
} as const;

/** Makes room for an import that replaces the ones before. What came by PutEvents, PutItems and PutUsers stays. */
export async function deleteImported(db: Queryable, kind: DatasetKind, datasetGroup: DatasetGroupName): Promise<void> {
  const which = kind === 'interactions' ? 'interaction' : UPSERTED[kind].table;
  const imported = kind === 'interactions' ? 'event_id is null' : 'not put';
  await db.query(`delete from ${which} where dataset_group = $1 and ${imported}`, [datasetGroup]);
}

/**
 * Deletes all that is known of users: their interactions, whether imported or streamed in, and their profiles. The ids of
 * their events stay known, so that an event that is sent again stays deleted.
 * @returns how many interactions and profiles went; lists that were served to the users go, too
 */
export async function deleteUsers(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  users: readonly UserId[],
): Promise<number> {
  const [deleted] = await db.query<{ count: number }>(
    `with interactions as (
       delete from interaction where dataset_group = $1 and (history_key = any($2::text[]) or user_id = any($2::text[]))
       returning 1
     ), profiles as (
       delete from user_profile where dataset_group = $1 and user_id = any($2::text[]) returning 1
     ), lists as (
       delete from slate where dataset_group = $1 and user_id = any($2::text[])
     )
     select (select count(*) from interactions) + (select count(*) from profiles) as count`,
    [datasetGroup, users],
  );
  return deleted!.count;
}
