import type { Database } from '@attune/database';
import { streamInteractions } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { DatasetBuilder, writeDataset } from '@attune/recommender';

/** Rows per read. Enough to make the round trip small beside the work, few enough to keep memory flat. */
const ROWS_PER_READ = 5000;

/** Everything the archive holds of a dataset group, in the form the training process reads. */
export async function takeDatasetSnapshot(database: Database, datasetGroup: DatasetGroupName): Promise<Uint8Array> {
  const builder = new DatasetBuilder();
  for await (const rows of streamInteractions(database, datasetGroup, ROWS_PER_READ)) {
    for (const { historyKey, itemId, timestamp, eventType, eventValue } of rows) {
      if (itemId === undefined) continue;
      builder.addInteraction({ userId: historyKey, itemId, timestamp, eventType, eventValue });
    }
  }
  return writeDataset(builder.build());
}
