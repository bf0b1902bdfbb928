import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import { CsvImportError } from './csvProblems';

/** A CSV file to be read; gzip where the name ends in `.gz`. */
export interface CsvFile {
  /** The name that errors show. */
  name: string;
  /** Its size, as far as it is known. */
  bytes?: number;
  /** Opens it at its beginning. */
  open(): Promise<Readable>;
}

const READ_BYTES = 256 * 1024;

/** A file on disk. @throws InvalidInputError where there is none */
export async function openCsvFile(path: string): Promise<CsvFile & { bytes: number }> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new InvalidInputError(`Can't read ${path}: ${reason}.`, { cause });
  });
  if (!info.isFile()) throw new InvalidInputError(`Can't read ${path}: it is not a file.`);
  const open = async () => createReadStream(path, { highWaterMark: READ_BYTES });
  return { name: basename(path), bytes: info.size, open };
}

/** An object of the store. */
export function csvObject(objects: ObjectStore, uri: string): CsvFile {
  return { name: uri, open: () => objects.stream(uri) };
}

/**
 * Reads a file as UTF-8 text, without its byte order mark.
 * @param onBytes is told how many bytes of the file were read since the last call
 * @throws CsvImportError where it is not what its name says, or no text
 */
export async function* readText(file: CsvFile, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const source = await file.open();
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const zipped = file.name.endsWith('.gz');
  // The pipeline's own error reaches the loop below through its last stream, which it destroys with that error.
  const ended = () => {};
  const bytes: Readable = zipped ? pipeline(source, counter, createGunzip(), ended) : pipeline(source, counter, ended);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const text = decoder.decode(chunk, { stream: true });
      yield text;
      lines += newLines(text);
    }
    const last = decoder.decode();
    if (last !== '') yield last;
  } catch (error) {
    throw asImportError(file, lines, error);
  } finally {
    source.destroy();
  }
}

function newLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function asImportError({ name: file }: CsvFile, line: number, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = (error as Error).message;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new CsvImportError([{ file, line, expected: 'UTF-8 text from about this line on' }]);
  }
  if (code.startsWith('Z_')) {
    return new CsvImportError([{ file, line: 1, expected: `a gzip file, as its name says (${message})` }]);
  }
  return error;
}
