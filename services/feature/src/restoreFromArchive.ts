import type { Positions } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database, Queryable } from '@attune/database';
import { itemCounts, listDatasetGroups, readArchivePositions } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import type { ArchivedItemStatistics, ItemCounts, ItemStatistics } from '@attune/session';
import { POPULARITY_HALF_LIFE_MS, POPULARITY_LANDMARK_MS } from '@attune/session';

/**
 * Takes the item statistics of every dataset group from the archive.
 * @returns how far the archive had read each partition at that very moment: what comes later is still to be counted
 */
export function restoreFromArchive(database: Database, statistics: ItemStatistics): Promise<Positions> {
  return inSnapshot(database, async (snapshot, positions) => {
    for (const { name } of await listDatasetGroups(snapshot)) {
      await statistics.replace(name, positions, await countsOf(snapshot, name));
    }
    return positions;
  });
}

/** The item statistics of one dataset group as the archive has them. */
export function archivedStatistics(
  database: Database,
  datasetGroup: DatasetGroupName,
): Promise<ArchivedItemStatistics> {
  return inSnapshot(database, async (snapshot, positions) => ({
    positions,
    counts: await countsOf(snapshot, datasetGroup),
  }));
}

function inSnapshot<Result>(
  database: Database,
  read: (snapshot: Queryable, positions: Positions) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (snapshot) => {
    await snapshot.query('set transaction isolation level repeatable read');
    return read(snapshot, await readArchivePositions(snapshot, topics.interactions.name));
  });
}

function countsOf(snapshot: Queryable, datasetGroup: DatasetGroupName): Promise<ItemCounts[]> {
  return itemCounts(snapshot, datasetGroup, { landmark: POPULARITY_LANDMARK_MS, halfLife: POPULARITY_HALF_LIFE_MS });
}
