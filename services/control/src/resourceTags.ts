import { listResourceTags, type Queryable, setResourceTags } from '@attune/database';
import { InvalidInputError, TooManyTagsError } from '@attune/domain';

/** The most tags that a resource may have. */
export const MAX_TAGS = 50;

/** Tags as the API writes them. */
export type ApiTags = readonly { tagKey: string; tagValue: string }[];

/**
 * Sets tags of a resource, one that was just made or one that has tags already.
 * @throws InvalidInputError where a key is given twice, or has the prefix that the API keeps for itself
 * @throws TooManyTagsError where the resource would have more than `MAX_TAGS`
 */
export async function tagResource(db: Queryable, resourceArn: string, tags: ApiTags = []): Promise<void> {
  if (tags.length === 0) return;
  const keys = new Set<string>();
  for (const { tagKey } of tags) {
    if (keys.has(tagKey)) throw new InvalidInputError(`The tag key "${tagKey}" is given twice.`);
    if (tagKey.toLowerCase().startsWith('aws:')) {
      throw new InvalidInputError(`The tag key "${tagKey}" begins with aws:, which no key of yours may.`);
    }
    keys.add(tagKey);
  }
  for (const { key } of await listResourceTags(db, resourceArn)) keys.add(key);
  if (keys.size > MAX_TAGS) {
    throw new TooManyTagsError(`${resourceArn} would have ${keys.size} tags. It may have ${MAX_TAGS}.`);
  }
  await setResourceTags(
    db,
    resourceArn,
    tags.map(({ tagKey, tagValue }) => ({ key: tagKey, value: tagValue })),
  );
}
