import type { PropertyValue } from '@attune/domain';
import { z } from 'zod';
import { jsonProblem } from './jsonPosition';
import { NO_NUL } from './members';
import { shown } from './violations';

export type EventProperties = Readonly<Record<string, PropertyValue>>;

/**
 * The further columns of an event, as an object: every value a string, a number or a boolean. A property that is null
 * counts as absent.
 */
export const eventProperties = z.unknown().transform((given, context): EventProperties => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(context, `Member must be a JSON object, for example {"device": "phone"}, and is ${shown(given)}`);
  }
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  for (const [name, value] of entries) {
    if (!isPropertyValue(value)) {
      return refuse(context, `Property "${name}" must be a string, a number or a boolean, and is ${shown(value)}`);
    }
    if (`${name}${value}`.includes('\0')) return refuse(context, NO_NUL);
  }
  return Object.fromEntries(entries);
});

/** The same in the AWS shape: a string that holds the JSON of such an object. */
export const eventPropertiesJson = z
  .string()
  .min(1)
  .max(1024)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return refuse(context, `Member must be valid JSON: ${jsonProblem(text)}`);
    }
  })
  .pipe(eventProperties);

function isPropertyValue(value: unknown): value is PropertyValue {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
