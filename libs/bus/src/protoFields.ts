import { InvalidInputError } from '@attune/domain';

/**
 * Checks that the named members of a message were sent: proto3 reads what is missing as empty or zero.
 * @throws InvalidInputError naming the first that is missing
 */
export function requireFields(message: string, fields: Readonly<Record<string, string | number>>): void {
  for (const name in fields) {
    const value = fields[name];
    if (value === '' || value === 0) throw new InvalidInputError(`The message is no ${message}: ${name} is missing.`);
  }
}

/** Whether a text in the value holds U+0000, which protobuf can carry and Postgres can't store. */
export function holdsNullCharacter(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => key.includes('\0') || holdsNullCharacter(member));
}
