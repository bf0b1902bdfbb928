import { InvalidInputError } from '@attune/domain';
import type { ParsedSchema } from './datasetSchema';

/**
 * Checks that a dataset may go from one schema to another: rows that are stored still fit. All columns stay as they are;
 * new ones may be null.
 * @throws InvalidInputError naming each column in the way
 */
export function requireCompatible(present: ParsedSchema, next: ParsedSchema): void {
  const problems: string[] = [];
  const before = new Map(present.columns.map((column) => [column.name, column]));
  const after = new Map(next.columns.map((column) => [column.name, column]));
  for (const [name, { type, nullable }] of before) {
    const column = after.get(name);
    if (!column) problems.push(`the column ${name} is gone`);
    else if (column.type !== type) problems.push(`the column ${name} goes from ${type} to ${column.type}`);
    else if (nullable && !column.nullable) problems.push(`the column ${name} could be null and no longer can`);
  }
  for (const [name, { nullable }] of after) {
    if (!before.has(name) && !nullable)
      problems.push(`the new column ${name} can't be null, and stored rows have none`);
  }
  if (problems.length > 0) {
    throw new InvalidInputError(`The dataset can't have this schema: ${problems.join('; ')}.`);
  }
}
