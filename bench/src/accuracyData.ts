import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Dataset, DatasetBuilder, type HeldOutItems } from '@attune/recommender';
import { parse } from 'csv-parse/sync';

/** Interactions to measure accuracy on, with the split that a published figure used where there is one. */
export interface AccuracyData {
  name: string;
  dataset: Dataset;
  heldOut?: ReadonlyMap<string, HeldOutItems>;
}

export interface AccuracyFiles {
  /** A CSV in the API's columns, gzip where the name ends in `.gz`. */
  interactions: string;
  /** A CSV with USER_ID, VALID_ITEM and TEST_ITEM. */
  split?: string;
}

/** The files of a named data set in the folder `ATTUNE_DATASETS`. */
export function namedDataset(name: string): AccuracyFiles {
  const folder = process.env.ATTUNE_DATASETS;
  if (!folder) throw new Error('--dataset needs ATTUNE_DATASETS, the folder that holds the data sets.');
  return {
    interactions: join(folder, `${name}.interactions.csv.gz`),
    ...(name === 'ml-100k' && { split: join(folder, `${name}.split.csv`) }),
  };
}

export async function readAccuracyData({ interactions, split }: AccuracyFiles): Promise<AccuracyData> {
  const builder = new DatasetBuilder();
  for (const row of await readRows(interactions)) {
    builder.addInteraction({
      userId: row.USER_ID ?? '',
      itemId: row.ITEM_ID ?? '',
      timestamp: Number(row.TIMESTAMP) * 1000,
      eventType: row.EVENT_TYPE ?? '',
    });
  }
  const heldOut = split === undefined ? undefined : await readRows(split);
  return {
    name: basename(interactions).replace(/(\.interactions)?\.csv(\.gz)?$/, ''),
    dataset: builder.build(),
    ...(heldOut && {
      heldOut: new Map(
        heldOut.map((row) => [row.USER_ID ?? '', { validation: row.VALID_ITEM ?? '', test: row.TEST_ITEM ?? '' }]),
      ),
    }),
  };
}

async function readRows(path: string): Promise<Partial<Record<string, string>>[]> {
  const bytes = await readFile(path);
  return parse(path.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true, bom: true });
}
