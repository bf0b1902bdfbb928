import { InvalidInputError } from '@attune/domain';

/** One thing that is wrong in a CSV file. */
export interface CsvProblem {
  file: string;
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

/** Thrown when CSV files can't be imported. Nothing of them was kept. */
export class CsvImportError extends InvalidInputError {
  constructor(readonly problems: readonly CsvProblem[]) {
    super(`Nothing was imported.\n${problems.map(describeProblem).join('\n')}${more(problems)}`);
  }
}

function more(problems: readonly CsvProblem[]): string {
  return problems.length >= MAX_REPORTED_PROBLEMS ? `\n(the first ${MAX_REPORTED_PROBLEMS} problems)` : '';
}

const MAX_SHOWN_CHARACTERS = 80;

/** A problem as a sentence. */
export function describeProblem({ file, line, column, value, expected }: CsvProblem): string {
  const where = column === undefined ? `${file}:${line}` : `${file}:${line}, column ${column}`;
  if (value === undefined) return `${where}: expected ${expected}.`;
  const shown = value.length > MAX_SHOWN_CHARACTERS ? `${value.slice(0, MAX_SHOWN_CHARACTERS)}...` : value;
  return `${where}: got ${JSON.stringify(shown)}, expected ${expected}.`;
}
