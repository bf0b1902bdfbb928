import type { Bus } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database, Queryable } from '@attune/database';
import {
  deleteImportedInteractions,
  deleteItems,
  deleteUserProfiles,
  importInteractions,
  upsertItems,
  upsertUserProfiles,
} from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { InvalidInputError } from '@attune/domain';
import type { CsvFile } from './csvFile';
import { openCsvFile } from './csvFile';
import type { CsvShape } from './csvImport';
import { readRows } from './csvImport';
import { interactionsShape, itemsShape, usersShape } from './csvShapes';

/** The three datasets of a dataset group. */
export type DatasetKind = 'interactions' | 'items' | 'users';

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
  /** `check` reads the whole file before anything is written; `write` follows when all the files are sound. */
  phase: 'check' | 'write';
  /** Between 0 and 1. */
  fraction: number;
}

export type ImportSummary = Record<DatasetKind, number>;

export interface ImportParts {
  database: Database;
  bus: Bus;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The fewest interactions the API trains on. */
const MINIMUM_INTERACTIONS = 1000;

/**
 * Replaces what was imported before into a dataset group by the content of CSV files, whole or not at all. Events that
 * streamed in are kept.
 * @throws CsvImportError naming file, line, column, value and what was expected
 * @throws InvalidInputError where a file can't be read or holds too few interactions
 */
export async function importDataset(
  { database, bus, now }: ImportParts,
  { datasetGroup, files, minimumInteractions = MINIMUM_INTERACTIONS }: ImportRequest,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportSummary> {
  const imports = await openAll(files);
  const summary: ImportSummary = { interactions: 0, items: 0, users: 0 };
  for (const each of imports) summary[each.dataset] = await each.check(onProgress);
  if (summary.interactions < minimumInteractions) {
    throw new InvalidInputError(
      `${files.interactions} was not imported: it has ${summary.interactions} interactions, and at least ${minimumInteractions} are needed to train.`,
    );
  }
  await database.transaction(async (transaction) => {
    for (const each of imports) await each.write(transaction, datasetGroup, onProgress);
  });
  await bus.publish(
    topics.catalog,
    imports.map(({ dataset }) => ({
      key: datasetGroup,
      value: { datasetGroup, kind: dataset, changedAt: now() },
    })),
  );
  return summary;
}

async function openAll(files: ImportRequest['files']): Promise<DatasetImport[]> {
  const imports = [
    datasetImport('interactions', await openCsvFile(files.interactions), interactionsShape, {
      clear: deleteImportedInteractions,
      insert: importInteractions,
    }),
  ];
  if (files.items !== undefined) {
    const file = await openCsvFile(files.items);
    imports.push(datasetImport('items', file, itemsShape, { clear: deleteItems, insert: upsertItems }));
  }
  if (files.users !== undefined) {
    const file = await openCsvFile(files.users);
    imports.push(datasetImport('users', file, usersShape, { clear: deleteUserProfiles, insert: upsertUserProfiles }));
  }
  return imports;
}

/** One file on its way into its dataset. */
interface DatasetImport {
  dataset: DatasetKind;
  /** @returns the number of rows */
  check(onProgress: (progress: ImportProgress) => void): Promise<number>;
  write(
    transaction: Queryable,
    datasetGroup: DatasetGroupName,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<void>;
}

interface DatasetTable<Row> {
  clear(transaction: Queryable, datasetGroup: DatasetGroupName): Promise<unknown>;
  insert(transaction: Queryable, datasetGroup: DatasetGroupName, rows: readonly Row[]): Promise<unknown>;
}

function datasetImport<Row>(
  dataset: DatasetKind,
  file: CsvFile,
  shape: CsvShape<Row>,
  table: DatasetTable<Row>,
): DatasetImport {
  const rows = (phase: ImportProgress['phase'], onProgress: (progress: ImportProgress) => void) => {
    let bytes = 0;
    return readRows(file, shape, (read) => {
      bytes += read;
      onProgress({ dataset, phase, fraction: bytes / file.bytes });
    });
  };
  return {
    dataset,
    check: async (onProgress) => {
      let count = 0;
      for await (const batch of rows('check', onProgress)) count += batch.length;
      return count;
    },
    write: async (transaction, datasetGroup, onProgress) => {
      await table.clear(transaction, datasetGroup);
      for await (const batch of rows('write', onProgress)) await table.insert(transaction, datasetGroup, batch);
    },
  };
}
