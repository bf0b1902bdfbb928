import { MAX_ID_LENGTH } from '@attune/domain';
import type { CsvProblem } from './csvProblems';

/** Turns the text of a field into a value, or says what was expected instead. */
export type FieldReader<Value> = (text: string) => { value: Value } | { expected: string };

/** Reads one record by column name, and remembers what is wrong with it. */
export class RecordReader {
  private readonly columnIndex: ReadonlyMap<string, number>;

  /**
   * @param columns the header's names, in order
   * @param report takes each problem
   */
  constructor(
    readonly columns: readonly string[],
    private readonly report: (problem: CsvProblem) => void,
  ) {
    this.columnIndex = new Map(columns.map((column, index) => [column, index]));
  }

  /** The value of a field; undefined where the column is missing, or the field is empty or wrong (which is reported). */
  optional<Value>(
    fields: readonly string[],
    line: number,
    column: string,
    read: FieldReader<Value>,
  ): Value | undefined {
    const text = this.text(fields, column);
    if (text === undefined || text === '') return undefined;
    return this.read(text, line, column, read);
  }

  /** The value of a field that must be there; undefined where it is not or is wrong (which is reported). */
  required<Value>(
    fields: readonly string[],
    line: number,
    column: string,
    read: FieldReader<Value>,
  ): Value | undefined {
    return this.read(this.text(fields, column) ?? '', line, column, read);
  }

  private text(fields: readonly string[], column: string): string | undefined {
    const index = this.columnIndex.get(column);
    return index === undefined ? undefined : fields[index];
  }

  private read<Value>(text: string, line: number, column: string, read: FieldReader<Value>): Value | undefined {
    const result = read(text);
    if ('value' in result) return result.value;
    this.report({ line, column, value: text, expected: result.expected });
    return undefined;
  }
}

export const readId: FieldReader<string> = (text) => {
  if (text.trim() === '') return { expected: 'an id, not an empty field' };
  if (text.length > MAX_ID_LENGTH) return { expected: `an id of at most ${MAX_ID_LENGTH} characters` };
  return { value: text };
};

/** 2100-01-01 in Unix seconds. What lies beyond is a time in another unit. */
const LATEST_TIMESTAMP_S = 4_102_444_800;

/** Unix seconds to milliseconds. */
export const readTimestamp: FieldReader<number> = (text) => {
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= LATEST_TIMESTAMP_S) return { value: seconds * 1000 };
  const unit = seconds > LATEST_TIMESTAMP_S ? ' (this looks like milliseconds)' : '';
  return { expected: `Unix time in whole seconds, for example 1700000000${unit}` };
};

export const readNumber: FieldReader<number> = (text) => {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? { value } : { expected: 'a number, for example 4.5' };
};

export const readText: FieldReader<string> = (text) => ({ value: text });

/** `MOVIE_LENGTH` to `movieLength`, the form in which PutEvents' properties name a schema's columns. */
export function camelCase(column: string): string {
  return column.toLowerCase().replace(/_+([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
