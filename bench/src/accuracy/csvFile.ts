import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '@attune/domain';
import { parse } from 'csv-parse';

/** One line of a CSV file after its header. */
export interface CsvRow {
  /** Counted from 1, the header included. */
  line: number;
  /** By column, in capitals. */
  values: Readonly<Record<string, string>>;
}

/** As many problems as a report lists: more of the same help nobody. */
const MOST_PROBLEMS = 100;

/** What is wrong in a file, gathered so that one run tells all of it. */
export class CsvProblems {
  readonly #found: string[] = [];
  #count = 0;

  constructor(private readonly file: string) {}

  add(line: number, column: string, value: string, expected: string): void {
    this.#count++;
    if (this.#found.length === MOST_PROBLEMS) return;
    this.#found.push(`${this.file}:${line}, column ${column}: got ${JSON.stringify(value)}, expected ${expected}.`);
  }

  /** @throws InvalidInputError that lists what was found, if anything */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const more = this.#count - this.#found.length;
    const rest = more > 0 ? `\n(and ${more} more)` : '';
    throw new InvalidInputError(`${this.file} can't be used.\n${this.#found.join('\n')}${rest}`);
  }
}

/**
 * Reads a CSV file with a header, gzip where the name ends in `.gz`, line by line.
 * @param required columns that the header must have, in any case
 * @throws InvalidInputError naming the file and the line where it is no such file
 */
export async function* readCsv(file: string, required: readonly string[]): AsyncGenerator<CsvRow> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
  const source = createReadStream(file);
  const ended = () => undefined;
  const rows = file.endsWith('.gz') ? pipeline(source, createGunzip(), parser, ended) : pipeline(source, parser, ended);
  let header: string[] | undefined;
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!header) {
        header = readHeader(file, record, required);
        continue;
      }
      if (record.length !== header.length) {
        throw new InvalidInputError(
          `${file}:${info.lines}: the line has ${record.length} fields, the header ${header.length}.`,
        );
      }
      yield { line: info.lines, values: Object.fromEntries(header.map((column, index) => [column, record[index]!])) };
    }
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    throw new InvalidInputError(`${file} can't be read: ${(cause as Error).message}`, { cause });
  }
  if (!header) throw new InvalidInputError(`${file} is empty. Expected a header with ${required.join(', ')}.`);
}

function readHeader(file: string, record: readonly string[], required: readonly string[]): string[] {
  const header = record.map((column) => column.trim().toUpperCase());
  const missing = required.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new InvalidInputError(
      `${file}:1: the header has no ${missing.join(', ')}. It has ${header.join(', ')}; expected at least ${required.join(', ')}.`,
    );
  }
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice !== undefined) throw new InvalidInputError(`${file}:1: the header has ${twice} twice.`);
  return header;
}
