import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '@attune/domain';
import { CsvError, parse } from 'csv-parse';
import { CsvImportError } from './csvProblems';

/** One record of a CSV file. */
export interface CsvRecord {
  /** The line on which the record ends, counted from 1. */
  line: number;
  fields: string[];
}

/** A CSV file on disk; gzip where the name ends in `.gz`. */
export interface CsvFile {
  path: string;
  /** The name that errors show. */
  name: string;
  bytes: number;
}

/** @throws InvalidInputError where there is no such file */
export async function openCsvFile(path: string): Promise<CsvFile> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InvalidInputError(
      `Can't read ${path}: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}.`,
      {
        cause,
      },
    );
  });
  if (!info.isFile()) throw new InvalidInputError(`Can't read ${path}: it is not a file.`);
  return { path, name: basename(path), bytes: info.size };
}

/**
 * Reads a file record by record (RFC 4180, UTF-8, an optional byte order mark), the header included.
 * @param onBytes is told how many bytes of the file were read since the last call
 * @throws CsvImportError where quotes are not balanced or a byte sequence is no text
 */
export async function* readCsv(file: CsvFile, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1 << 20,
  });
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const source = createReadStream(file.path);
  // The pipeline's own error reaches the loop below through the parser, which it destroys with that error.
  const ended = () => {};
  if (file.path.endsWith('.gz')) pipeline(source, counter, createGunzip(), parser, ended);
  else pipeline(source, counter, parser, ended);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { line: info.lines, fields: record };
    }
  } catch (error) {
    throw asImportError(file, error);
  } finally {
    source.destroy();
  }
}

function asImportError(file: CsvFile, error: unknown): unknown {
  if (error instanceof CsvError) {
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    const expected = EXPECTED_BY_CODE[error.code] ?? 'a CSV record as RFC 4180 describes it';
    return new CsvImportError(file.name, [{ line, expected: `${expected} (${error.message})` }]);
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    return new CsvImportError(file.name, [{ line: 1, expected: `a gzip file, as its name says (${error.message})` }]);
  }
  return error;
}

const EXPECTED_BY_CODE: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a closing quote before the end of the file',
  INVALID_OPENING_QUOTE: 'quotes around the whole field, or none',
  CSV_INVALID_CLOSING_QUOTE: 'a comma or the end of the line after a closing quote, and "" for a quote inside',
  CSV_MAX_RECORD_SIZE: 'a record of at most 1 MiB; is a quote not closed?',
};
