import { topics } from '@attune/bus';
import type { DatasetKind, Queryable } from '@attune/database';
import { findDatasetSchema, listDatasets } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { InvalidInputError } from '@attune/domain';
import type { ControlParts } from './controlParts';
import { openCsvFile } from './csvFile';
import { type ParsedSchema, parseDatasetSchema } from './datasetSchema';
import { importFiles } from './importFiles';

export interface ImportRequest {
  datasetGroup: DatasetGroupName;
  /** CSV files in the API's columns, gzip where the name ends in `.gz`. */
  files: { interactions: string; items?: string; users?: string };
  /**
   * Refuses files with fewer interactions.
   * @default 1000, below which no model can be trained
   */
  minimumInteractions?: number;
}

export interface ImportProgress {
  dataset: DatasetKind;
  /** Of all the files, between 0 and 1. */
  fraction: number;
}

export type ImportSummary = Record<DatasetKind, number>;

/** The fewest interactions the API trains on. */
const MINIMUM_INTERACTIONS = 1000;

/**
 * Replaces what was imported before into a dataset group by the content of CSV files on disk, all the files or none: what
 * import jobs do with the object store's.
 * @throws CsvImportError naming file, line, column, value and what was expected
 * @throws InvalidInputError where a file can't be read or holds too few interactions
 */
export async function importDataset(
  { database, bus, now }: Pick<ControlParts, 'database' | 'bus' | 'now'>,
  { datasetGroup, files, minimumInteractions = MINIMUM_INTERACTIONS }: ImportRequest,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportSummary> {
  const given = (['interactions', 'items', 'users'] as const).flatMap((kind) => {
    const path = files[kind];
    return path === undefined ? [] : [{ kind, path }];
  });
  const opened = await Promise.all(given.map(async ({ kind, path }) => ({ kind, file: await openCsvFile(path) })));
  const total = opened.reduce((sum, { file }) => sum + file.bytes, 0);
  const summary: ImportSummary = { interactions: 0, items: 0, users: 0 };
  let read = 0;
  await database.transaction(async (transaction) => {
    for (const { kind, file } of opened) {
      const schema = await schemaOf(transaction, datasetGroup, kind);
      const onRead = (bytes: number) => {
        read += bytes;
        if (bytes > 0) onProgress({ dataset: kind, fraction: read / total });
      };
      const source = { datasetGroup, schema, files: [file], mode: 'FULL' as const };
      summary[kind] = await importFiles(transaction, source, { onRead });
    }
    if (summary.interactions < minimumInteractions) {
      throw new InvalidInputError(
        `${files.interactions} was not imported: it has ${summary.interactions} interactions, and at least ${minimumInteractions} are needed to train.`,
      );
    }
  });
  await bus.publish(
    topics.catalog,
    given.map(({ kind }) => ({ key: datasetGroup, value: { datasetGroup, kind, changedAt: now() } })),
  );
  return summary;
}

/** The columns of a dataset; where there is no such dataset, the reserved ones alone. */
async function schemaOf(db: Queryable, datasetGroup: DatasetGroupName, kind: DatasetKind): Promise<ParsedSchema> {
  const dataset = (await listDatasets(db, datasetGroup)).find((each) => each.kind === kind);
  const schema = dataset && (await findDatasetSchema(db, dataset.schemaArn));
  return schema ? parseDatasetSchema(schema.schema) : { kind, columns: [] };
}
