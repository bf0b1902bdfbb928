import { z } from 'zod';

/** Postgres keeps no U+0000 in a text. */
export const NO_NUL = 'Member must not contain the character U+0000';

/** A string of so many characters. */
export function text(limits: { min?: number; max: number; pattern?: string }) {
  let schema = z.string().max(limits.max);
  if (limits.min !== undefined) schema = schema.min(limits.min);
  if (limits.pattern === undefined) return schema.refine((value) => !value.includes('\0'), { error: NO_NUL });
  return schema.regex(new RegExp(`^(?:${limits.pattern})$`), {
    error: `Member must satisfy regular expression pattern: ${limits.pattern}`,
  });
}

/** An ARN of this service. */
export const arn = text({ max: 256, pattern: String.raw`arn:([a-z\d-]+):personalize:.*:.*:.+` });

/** A map of so many entries. */
export function map<Value extends z.ZodType>(
  key: z.ZodType<string, string>,
  value: Value,
  limits: { max: number } = { max: Number.POSITIVE_INFINITY },
) {
  return z.record(key, value).refine((entries) => Object.keys(entries).length <= limits.max, {
    error: `Member must have length less than or equal to ${limits.max}`,
  });
}

const NOT_A_TIMESTAMP =
  'Member must be a timestamp: seconds since 1970-01-01T00:00:00Z, or ISO 8601 such as 2026-01-31T12:00:00Z';

/**
 * A time, given as AWS's REST-JSON clients send it: seconds since the epoch, with or without a fraction, or ISO 8601.
 * Read as milliseconds since the epoch.
 */
export const timestamp = z
  .union([z.number(), z.iso.datetime({ offset: true, error: NOT_A_TIMESTAMP })], { error: NOT_A_TIMESTAMP })
  .transform((given) => (typeof given === 'number' ? Math.round(given * 1000) : Date.parse(given)));
