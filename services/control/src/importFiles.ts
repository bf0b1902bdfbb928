import { copyIntoDataset, deleteImported, type Queryable } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { type LineWriter, lineWriter } from './copyLine';
import type { CsvFile } from './csvFile';
import { CsvImportError } from './csvProblems';
import { type CsvRecord, readCsv } from './csvRecords';
import { CsvProblems, CsvTable, emptyFile } from './csvTable';
import type { ParsedSchema } from './datasetSchema';

/** CSV files and the dataset they go into. */
export interface DatasetFiles {
  datasetGroup: DatasetGroupName;
  schema: ParsedSchema;
  files: readonly CsvFile[];
  /** FULL replaces what was imported before, and leaves what came by the Put operations; INCREMENTAL adds to it. */
  mode: 'FULL' | 'INCREMENTAL';
}

export interface ReadOptions {
  /** Told of bytes and records as they are read: the numbers since the last call. */
  onRead?(bytes: number, records: number): void;
  signal?: AbortSignal;
}

/**
 * Imports files in one pass: each record is read, checked and copied. Run it in a transaction, and let that roll back where
 * this rejects: a file that is wrong at its end has been written up to there.
 * @returns the number of records
 * @throws CsvImportError naming file, line, column and value, for up to 100 problems of all the files
 */
export async function importFiles(transaction: Queryable, files: DatasetFiles, options: ReadOptions): Promise<number> {
  const { schema, datasetGroup, mode } = files;
  if (mode === 'FULL') await deleteImported(transaction, schema.kind, datasetGroup);
  let records = 0;
  const onRead = (bytes: number, more: number) => {
    records += more;
    options.onRead?.(bytes, more);
  };
  await copyIntoDataset(transaction, schema.kind, copyLines(files, { ...options, onRead }));
  return records;
}

/** Characters per chunk for COPY. */
const CHUNK = 1 << 16;

async function* copyLines(files: DatasetFiles, options: ReadOptions): AsyncGenerator<string> {
  const { schema, datasetGroup } = files;
  const writers = new Map<CsvTable, LineWriter>();
  let lines = '';
  for await (const { table, records } of readChecked(files, options)) {
    let write = writers.get(table);
    if (!write) {
      write = lineWriter(schema.kind, datasetGroup, table.columns);
      writers.set(table, write);
    }
    for (const { fields } of records) lines += write(fields);
    if (lines.length < CHUNK) continue;
    yield lines;
    lines = '';
  }
  if (lines !== '') yield lines;
}

/** Records of one file, without its header. */
interface CheckedRecords {
  table: CsvTable;
  records: CsvRecord[];
}

/**
 * Reads the records of files. After the first problem none comes any more, and the rest is only checked.
 * @throws CsvImportError after the last record, or the 100th problem
 */
export async function* readChecked(
  { schema, files }: Pick<DatasetFiles, 'schema' | 'files'>,
  { onRead = () => {}, signal }: ReadOptions,
): AsyncGenerator<CheckedRecords> {
  const problems = new CsvProblems();
  for (const file of files) {
    try {
      yield* readFile(file, schema, problems, onRead, signal);
    } catch (error) {
      if (!(error instanceof CsvImportError)) throw error;
      for (const problem of error.problems) problems.add(problem);
    }
    if (problems.enough) break;
  }
  if (problems.found.length > 0) throw new CsvImportError(problems.found);
}

async function* readFile(
  file: CsvFile,
  schema: ParsedSchema,
  problems: CsvProblems,
  onRead: (bytes: number, records: number) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<CheckedRecords> {
  let table: CsvTable | undefined;
  for await (const batch of readCsv(file, (bytes) => onRead(bytes, 0))) {
    signal?.throwIfAborted();
    const header = table ? undefined : batch.shift();
    if (header) table = new CsvTable(file.name, schema, header, problems);
    if (!table?.sound) return;
    for (const record of batch) {
      table.check(record);
      if (problems.enough) return;
    }
    onRead(0, batch.length);
    if (problems.found.length === 0 && batch.length > 0) yield { table, records: batch };
  }
  if (!table) problems.add(emptyFile(file.name, schema));
}
