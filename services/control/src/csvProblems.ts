import { InvalidInputError } from '@attune/domain';

/** One thing that is wrong in a CSV file. */
export interface CsvProblem {
  /** Counted from 1, the header included. */
  line: number;
  /** Absent where the line as a whole is wrong. */
  column?: string;
  /** Absent where there is nothing to show. */
  value?: string;
  expected: string;
}

/** As many problems as a report lists, like the API's own import reports. */
export const MAX_REPORTED_PROBLEMS = 100;

/** Thrown when a CSV file can't be imported. Nothing of the file was kept. */
export class CsvImportError extends InvalidInputError {
  constructor(
    readonly file: string,
    readonly problems: readonly CsvProblem[],
  ) {
    super(describe(file, problems));
  }
}

function describe(file: string, problems: readonly CsvProblem[]): string {
  const more = problems.length >= MAX_REPORTED_PROBLEMS ? `\n(the first ${MAX_REPORTED_PROBLEMS} problems)` : '';
  return `${file} was not imported.\n${problems.map((problem) => describeProblem(file, problem)).join('\n')}${more}`;
}

const MAX_SHOWN_CHARACTERS = 80;

function describeProblem(file: string, { line, column, value, expected }: CsvProblem): string {
  const where = column === undefined ? `${file}:${line}` : `${file}:${line}, column ${column}`;
  if (value === undefined) return `${where}: expected ${expected}.`;
  const shown = value.length > MAX_SHOWN_CHARACTERS ? `${value.slice(0, MAX_SHOWN_CHARACTERS)}...` : value;
  return `${where}: got ${JSON.stringify(shown)}, expected ${expected}.`;
}
