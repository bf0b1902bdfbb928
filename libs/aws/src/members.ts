import { z } from 'zod';

/** Postgres keeps no U+0000 in a text. */
export const NO_NUL = 'Member must not contain the character U+0000';
const WELL_FORMED = 'Member must be well-formed Unicode, and has half of a surrogate pair';

/** In functions that see every string, a literal would be a new object each time. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/** What no string of a request may contain, as a sentence; undefined where the string is fine. */
export function unstorable(value: string): string | undefined {
  if (value.includes('\0')) return NO_NUL;
  // JSON can escape half of a character; Postgres takes that in no text and in no jsonb.
  return HALF_CHARACTER.test(value) ? WELL_FORMED : undefined;
}

/** What limits a string. Lengths count characters (Unicode scalar values), as Smithy has them, not UTF-16 units. */
export interface TextLimits {
  /** @default 0 */
  min?: number;
  /** @default no limit */
  max?: number;
  /** As the API writes it; the whole string must match, whether or not the pattern says so. */
  pattern?: string;
  /** Matches the same strings in linear time, where the pattern itself takes quadratic time or worse. */
  linear?: RegExp;
}

/** A string within limits. */
export function text({ min = 0, max = Number.POSITIVE_INFINITY, pattern, linear }: TextLimits = {}) {
  const whole = linear ?? (pattern === undefined ? undefined : wholeMatch(pattern));
  return z
    .string()
    .check(({ value, issues }) => {
      let message = lengthProblem(value, min, max) ?? unstorable(value);
      if (whole && message === undefined && !whole.test(value)) {
        message = `Member must satisfy regular expression pattern: ${pattern}`;
      }
      if (message !== undefined) issues.push({ code: 'custom', message, input: value });
    })
    .meta({
      ...(min > 0 && { minLength: min }),
      ...(Number.isFinite(max) && { maxLength: max }),
      ...(pattern !== undefined && { pattern }),
    });
}

/** AWS matches the whole string, also where the pattern has no ^ and $. */
export function wholeMatch(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

function lengthProblem(value: string, min: number, max: number): string | undefined {
  // No character takes more than two UTF-16 units.
  const tooLong = value.length > 2 * max || (value.length > max && characters(value) > max);
  if (tooLong) return `Member must have length less than or equal to ${max}`;
  const tooShort = value.length < 2 * min && characters(value) < min;
  return tooShort ? `Member must have length greater than or equal to ${min}` : undefined;
}

function characters(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}

/**
 * An ARN of this service. The API's pattern takes cubic time: 22 ms for 256 colons and a line break, and a request has
 * room for thousands of them.
 */
export const arn = text({
  max: 256,
  pattern: String.raw`arn:([a-z\d-]+):personalize:.*:.*:.+`,
  linear: /^arn:[a-z\d-]+:personalize:(?:(?!:).)*:(?:(?!:).)*:.+$/u,
});

/** A whole number of 32 bits. */
export function integer({ min, max }: { min?: number; max?: number } = {}) {
  let schema = z.int32();
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  return schema;
}

/** A map of so many entries. */
export function map<Value extends z.ZodType>(
  key: z.ZodType<string, string>,
  value: Value,
  { max = Number.POSITIVE_INFINITY }: { max?: number } = {},
) {
  const entries = z.record(key, value);
  if (!Number.isFinite(max)) return entries;
  return entries
    .refine((given) => Object.keys(given).length <= max, {
      error: `Member must have length less than or equal to ${max}`,
    })
    .meta({ maxProperties: max });
}

const NOT_A_TIMESTAMP =
  'Member must be a timestamp: seconds since 1970-01-01T00:00:00Z, or ISO 8601 such as 2026-01-31T12:00:00Z';

/** The years -271821 to 275760, what a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/**
 * A time, given as AWS's JSON clients send it: seconds since the epoch, with or without a fraction, or ISO 8601.
 * Read as milliseconds since the epoch.
 */
export const timestamp = z
  .union([z.number(), z.iso.datetime({ offset: true, error: NOT_A_TIMESTAMP })], { error: NOT_A_TIMESTAMP })
  .transform((given, context) => {
    const ms = typeof given === 'number' ? Math.round(given * 1000) : Date.parse(given);
    if (Math.abs(ms) <= MAX_DATE_MS) return ms;
    context.addIssue({ code: 'custom', message: NOT_A_TIMESTAMP, input: given });
    return z.NEVER;
  })
  .meta({ format: 'timestamp' });
