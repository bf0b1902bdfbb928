import type { Queryable } from '@attune/database';
import { readHistory } from '@attune/database';
import type { DatasetGroupName, UserId } from '@attune/domain';
import { InvalidInputError } from '@attune/domain';
import type { ExampleUser } from './play';

/** A history of this length says something about its owner, and can still be looked over. */
const PREFERRED_HISTORY = 40;
const SHOWN_ITEMS = 5;

/** The user whose history is nearest to a length that is good to look at; always the same one. */
export async function findExampleUser(database: Queryable, datasetGroup: DatasetGroupName): Promise<ExampleUser> {
  const [found] = await database.query<{ key: UserId; length: number }>(
    `select history_key as key, count(*) as length from interaction
     where dataset_group = $1 and event_id is null
     group by history_key order by abs(count(*) - $2), history_key limit 1`,
    [datasetGroup, PREFERRED_HISTORY],
  );
  if (!found) throw new InvalidInputError(`The dataset group "${datasetGroup}" has no interactions.`);
  const latest = await readHistory(database, datasetGroup, found.key, SHOWN_ITEMS);
  return {
    userId: found.key,
    historyLength: found.length,
    latestItems: latest.flatMap(({ itemId }) => (itemId === undefined ? [] : [itemId])),
    eventType: latest.at(-1)?.eventType ?? 'click',
  };
}
