import type { DatasetGroupName, ItemId } from '@attune/domain';
import { drawSome, type seededRandom } from '@attune/exploration';
import type { ItemStatistics } from '@attune/session';
import type { ItemCatalog } from './itemCatalog';

export interface YoungItemsParts {
  statistics: Pick<ItemStatistics, 'fresh' | 'counts'>;
  catalog: Pick<ItemCatalog, 'createdAt' | 'createdSince' | 'undated'>;
}

/** Items of one pool. What is known of them is read four times in a second: 1 ms of Redis each time. */
const MOST_MEMBERS = 1_000;

const MOST_READ = 10_000;

/** Where more are eligible, so many are the newest, and the others take turns. */
const NEWEST = 500;

/**
 * The items that are young enough to be explored: created since a time, or where nobody says when they were, touched for the
 * first time since. An item of which neither is known, because nothing has happened to it yet, is new.
 * @param since milliseconds since the epoch
 * @returns some of them, where there are very many, and how many there are; read are 10,000 at most of each kind
 */
export async function youngItems(
  { statistics, catalog }: YoungItemsParts,
  datasetGroup: DatasetGroupName,
  since: number,
  random: ReturnType<typeof seededRandom>,
): Promise<{ items: ItemId[]; eligible: number }> {
  const appeared = new Map<ItemId, number>();
  for (const { itemId, firstInteraction } of await statistics.fresh(datasetGroup, since, MOST_READ)) {
    if (catalog.createdAt(datasetGroup, itemId) === undefined) appeared.set(itemId, firstInteraction!);
  }
  for (const itemId of catalog.createdSince(datasetGroup, since)) {
    appeared.set(itemId, catalog.createdAt(datasetGroup, itemId)!);
  }
  const undated = catalog.undated(datasetGroup).slice(0, MOST_READ);
  const counts = await statistics.counts(datasetGroup, undated);
  for (const itemId of undated) {
    if ((counts.get(itemId)?.interactions ?? 0) === 0) appeared.set(itemId, Number.POSITIVE_INFINITY);
  }
  if (appeared.size <= MOST_MEMBERS) return { items: [...appeared.keys()].sort(), eligible: appeared.size };
  const newestFirst = [...appeared].sort(([, one], [, other]) => other - one).map(([itemId]) => itemId);
  const older = newestFirst.slice(NEWEST);
  const inTurn = drawSome(older, new Array(older.length).fill(1), MOST_MEMBERS - NEWEST, random);
  return { items: [...newestFirst.slice(0, NEWEST), ...inTurn].sort(), eligible: appeared.size };
}
