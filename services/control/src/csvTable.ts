import { type CsvProblem, MAX_REPORTED_PROBLEMS } from './csvProblems';
import type { CsvRecord } from './csvRecords';
import { type ValueType, valueType } from './csvValues';
import type { ParsedSchema } from './datasetSchema';
import { COLUMN_RULES } from './schemaColumns';

/** A column of a file. */
export interface CsvColumn {
  /** As the schema writes it; what the schema does not have, in capitals. */
  name: string;
  /** Whether a record must have a value. */
  required: boolean;
  type: ValueType;
}

/** What is wrong in the files of an import, as far as it is reported. */
export class CsvProblems {
  readonly found: CsvProblem[] = [];

  get enough(): boolean {
    return this.found.length >= MAX_REPORTED_PROBLEMS;
  }

  add(problem: CsvProblem): void {
    if (!this.enough) this.found.push(problem);
  }
}

/** A file whose header is read: it checks records against the schema. */
export class CsvTable {
  readonly columns: readonly CsvColumn[];
  /** Whether the header is as it must be. Where not, the rest of the file says nothing. */
  readonly sound: boolean;

  constructor(
    private readonly file: string,
    schema: ParsedSchema,
    header: CsvRecord,
    private readonly problems: CsvProblems,
  ) {
    const before = problems.found.length;
    const names = header.fields.map((field) => field.trim().toUpperCase());
    const known = new Map(schema.columns.map((column) => [column.name.toUpperCase(), column]));
    const required = new Set([
      ...Object.entries(COLUMN_RULES[schema.kind].reserved).flatMap(([name, rule]) => (rule.required ? [name] : [])),
      ...[...known].flatMap(([name, column]) => (column.nullable ? [] : [name])),
    ]);
    this.columns = names.map((name) => {
      const column = known.get(name);
      return { name: column?.name ?? name, required: required.has(name), type: valueType(schema.kind, name, column) };
    });
    const { line, fields } = header;
    for (const column of required) {
      if (!names.includes(column)) {
        const expected = `a header with the column ${column}`;
        problems.add({ file, line, column, value: fields.join(','), expected });
      }
    }
    for (const [index, column] of names.entries()) {
      if (column === '') problems.add({ file, line, expected: `a name for column ${index + 1}` });
      else if (names.indexOf(column) !== index) problems.add({ file, line, column, expected: 'each column once' });
    }
    this.sound = problems.found.length === before;
  }

  /** Reports what is wrong in a record. @returns whether nothing is */
  check({ line, fields }: CsvRecord): boolean {
    const { columns, file } = this;
    if (fields.length !== columns.length) {
      const expected = `${columns.length} fields as in the header, not ${fields.length}`;
      this.problems.add({ file, line, expected });
      return false;
    }
    let sound = true;
    for (let index = 0; index < columns.length; index++) {
      const { name, required, type } = columns[index]!;
      const value = fields[index]!;
      const expected = value === '' ? (required ? 'a value, not an empty field' : undefined) : type.problem(value);
      if (expected === undefined) continue;
      this.problems.add({ file, line, column: name, value, expected });
      sound = false;
    }
    return sound;
  }
}

/** Said of a file without even a header. */
export function emptyFile(file: string, schema: ParsedSchema): CsvProblem {
  const { reserved } = COLUMN_RULES[schema.kind];
  const columns = Object.keys(reserved).filter((name) => reserved[name]!.required);
  return { file, line: 1, expected: `a header with ${columns.join(', ')}, not an empty file` };
}
