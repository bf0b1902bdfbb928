import type { Queryable } from './database';

export interface ResourceTag {
  key: string;
  value: string;
}

/** The tags of a resource, in order of their keys. */
export function listResourceTags(db: Queryable, resourceArn: string): Promise<ResourceTag[]> {
  return db.query<ResourceTag>('select key, value from resource_tag where resource_arn = $1 order by key collate "C"', [
    resourceArn,
  ]);
}

/** Sets tags of a resource; a key that is there gets the new value. Keys are given once each. */
export async function setResourceTags(db: Queryable, resourceArn: string, tags: readonly ResourceTag[]): Promise<void> {
  await db.query(
    `insert into resource_tag (resource_arn, key, value)
     select $1, key, value from unnest($2::text[], $3::text[]) as given (key, value)
     on conflict (resource_arn, key) do update set value = excluded.value`,
    [resourceArn, tags.map(({ key }) => key), tags.map(({ value }) => value)],
  );
}

/** Takes tags from a resource; keys that it does not have are passed over. */
export async function removeResourceTags(db: Queryable, resourceArn: string, keys: readonly string[]): Promise<void> {
  await db.query('delete from resource_tag where resource_arn = $1 and key = any($2::text[])', [resourceArn, keys]);
}

/** Takes all tags from a resource that goes, and from what goes with it: the ARNs that begin with its ARN and a slash. */
export async function removeAllResourceTags(db: Queryable, resourceArn: string): Promise<void> {
  await db.query("delete from resource_tag where resource_arn = $1 or starts_with(resource_arn, $1 || '/')", [
    resourceArn,
  ]);
}
