import type { Positions } from '@attune/bus';
import type { Database } from '@attune/database';
import { itemCounts, listDatasetGroups, readArchivePositions } from '@attune/database';
import type { ItemStatistics } from '@attune/session';
import { POPULARITY_HALF_LIFE_MS, POPULARITY_LANDMARK_MS } from '@attune/session';

/**
 * Takes the item statistics of every dataset group from the archive.
 * @returns how far the archive had read each partition at that very moment: what comes later is still to be counted
 */
export function restoreFromArchive(database: Database, statistics: ItemStatistics, topic: string): Promise<Positions> {
  return database.transaction(async (snapshot) => {
    await snapshot.query('set transaction isolation level repeatable read');
    const positions = await readArchivePositions(snapshot, topic);
    for (const { name } of await listDatasetGroups(snapshot)) {
      const counts = await itemCounts(snapshot, name, {
        landmark: POPULARITY_LANDMARK_MS,
        halfLife: POPULARITY_HALF_LIFE_MS,
      });
      await statistics.replace(name, positions, counts);
    }
    return positions;
  });
}
