import type { DatasetGroupName, UserId } from '@attune/domain';
import { type BulkColumn, bulkInsert } from './bulkInsert';
import type { Database, Queryable } from './database';
import type { JsonObject } from './rows';

/** What is known of a user beside the history. */
export interface UserProfile {
  userId: UserId;
  /** The further columns of the users data, by column name. */
  metadata: JsonObject;
}

const CHUNK = 10_000;

/**
 * Stores user profiles. One that is there already is replaced; of two with one id the later counts.
 * @param put whether PutUsers brought them, and no import
 */
export async function upsertUserProfiles(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  profiles: readonly UserProfile[],
  put = false,
): Promise<void> {
  const columns: readonly BulkColumn<UserProfile>[] = [
    { name: 'dataset_group', type: 'text', of: () => datasetGroup },
    { name: 'user_id', type: 'text', of: (profile) => profile.userId },
    { name: 'metadata', type: 'jsonb', of: (profile) => profile.metadata },
    { name: 'put', type: 'boolean', of: () => put },
  ];
  const distinct = [...new Map(profiles.map((profile) => [profile.userId, profile])).values()];
  for (let start = 0; start < distinct.length; start += CHUNK) {
    const insert = bulkInsert(
      'user_profile',
      columns,
      distinct.slice(start, start + CHUNK),
      'on conflict (dataset_group, user_id) do update set metadata = excluded.metadata, put = excluded.put',
    );
    await db.query(insert.sql, insert.parameters);
  }
}

export async function deleteUserProfiles(db: Queryable, datasetGroup: DatasetGroupName): Promise<void> {
  await db.query('delete from user_profile where dataset_group = $1', [datasetGroup]);
}

/** Those of the users that have a profile, in order of their ids. */
export function readUserProfiles(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  userIds: readonly UserId[],
): Promise<UserProfile[]> {
  return db.query<UserProfile>(
    `select user_id as "userId", metadata from user_profile
     where dataset_group = $1 and user_id = any($2::text[]) order by user_id`,
    [datasetGroup, userIds],
  );
}

/** All profiles, in order of user ids. */
export function streamUserProfiles(
  db: Database,
  datasetGroup: DatasetGroupName,
  batchSize = CHUNK,
): AsyncIterable<UserProfile[]> {
  return db.stream<UserProfile>(
    'select user_id as "userId", metadata from user_profile where dataset_group = $1 order by user_id',
    [datasetGroup],
    batchSize,
  );
}
