import { RecordReader } from './csvColumns';
import type { CsvFile } from './csvFile';
import { readCsv } from './csvFile';
import type { CsvProblem } from './csvProblems';
import { CsvImportError, MAX_REPORTED_PROBLEMS } from './csvProblems';

/** What a kind of CSV file holds: which columns it needs, and how a record becomes a row. */
export interface CsvShape<Row> {
  requiredColumns: readonly string[];
  /** @returns the row, or undefined where the reader reported a problem */
  toRow(reader: RecordReader, fields: readonly string[], line: number): Row | undefined;
}

/** Rows per insert. Ten thousand keep the parameters of one statement within some megabytes. */
const ROWS_PER_BATCH = 10_000;

/**
 * Reads a file of a shape in batches. All the problems of the file are collected before it fails.
 * @param onBytes is told how many bytes of the file were read since the last call
 * @throws CsvImportError naming line, column, value and what was expected, for up to 100 problems
 */
export async function* readRows<Row>(
  file: CsvFile,
  shape: CsvShape<Row>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Row[]> {
  const problems: CsvProblem[] = [];
  let reader: RecordReader | undefined;
  let rows: Row[] = [];
  for await (const { line, fields } of readCsv(file, onBytes)) {
    if (!reader) {
      reader = readHeader(fields, line, shape, problems);
      if (problems.length > 0) break;
      continue;
    }
    if (fields.length !== reader.columns.length) {
      problems.push({ line, expected: `${reader.columns.length} fields as in the header, not ${fields.length}` });
    } else {
      const row = shape.toRow(reader, fields, line);
      if (row !== undefined) rows.push(row);
    }
    if (problems.length >= MAX_REPORTED_PROBLEMS) break;
    if (rows.length >= ROWS_PER_BATCH && problems.length === 0) {
      yield rows;
      rows = [];
    }
  }
  if (!reader)
    problems.push({ line: 1, expected: `a header with ${shape.requiredColumns.join(', ')}, not an empty file` });
  if (problems.length > 0) throw new CsvImportError(file.name, problems.slice(0, MAX_REPORTED_PROBLEMS));
  if (rows.length > 0) yield rows;
}

function readHeader<Row>(
  fields: readonly string[],
  line: number,
  { requiredColumns }: CsvShape<Row>,
  problems: CsvProblem[],
): RecordReader {
  const columns = fields.map((field) => field.trim().toUpperCase());
  for (const column of requiredColumns) {
    if (!columns.includes(column)) {
      problems.push({ line, column, value: fields.join(','), expected: `a header with the column ${column}` });
    }
  }
  for (const [index, column] of columns.entries()) {
    if (column === '') problems.push({ line, expected: `a name for column ${index + 1}` });
    else if (columns.indexOf(column) !== index) problems.push({ line, column, expected: 'each column once' });
  }
  return new RecordReader(columns, (problem) => problems.push(problem));
}
