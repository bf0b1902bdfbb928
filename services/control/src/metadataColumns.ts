import type { DatasetKind } from '@attune/database';
import { openCsvFile } from './csvFile';
import { readCsv } from './csvRecords';
import type { MetadataColumns } from './ensureDatasetGroup';
import { COLUMN_RULES, reservedColumn } from './schemaColumns';

/**
 * The columns that CSV files have beside the reserved ones: of each file as many as a schema may have, those with a name
 * that a schema can write. A file without any keeps the standard ones, which schemas need.
 * @param files by dataset, for example what `importDataset` takes
 * @throws InvalidInputError where a file can't be read
 */
export async function metadataColumns(
  files: Readonly<Partial<Record<DatasetKind, string>>>,
): Promise<Partial<MetadataColumns>> {
  const found: Partial<Record<DatasetKind, readonly string[]>> = {};
  for (const [kind, path] of Object.entries(files) as [DatasetKind, string][]) {
    const columns = (await readHeader(path)).filter((column) => reservedColumn(kind, column) === undefined);
    const { minimum, maximum } = COLUMN_RULES[kind].metadata;
    const distinct = new Map(columns.map((column) => [column.replaceAll('_', ''), column]));
    if (distinct.size >= minimum) found[kind] = [...distinct.values()].slice(0, maximum);
  }
  return found;
}

async function readHeader(path: string): Promise<string[]> {
  for await (const [header] of readCsv(await openCsvFile(path))) {
    return header!.fields
      .map((field) => field.trim().toUpperCase())
      .filter((field) => /^[A-Z_][A-Z\d_]{0,149}$/.test(field));
  }
  return [];
}
