import type { PropertyValue } from '@attune/domain';
import { z } from 'zod';
import { jsonProblem } from './jsonPosition';
import { text, unstorable } from './members';
import { MAX_NESTING, nestedTooDeeply } from './nesting';
import { shorten, shown } from './violations';

export type EventProperties = Readonly<Record<string, PropertyValue>>;

/**
 * The further columns of an event, an item or a user, as an object: every value a string, a number or a boolean. A
 * property that is null counts as absent.
 */
export const eventProperties = z.unknown().transform((given, context): EventProperties => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(context, `Member must be a JSON object, for example {"device": "phone"}, and is ${shown(given)}`);
  }
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  for (const [name, value] of entries) {
    if (!isPropertyValue(value)) {
      const sentence = `Property "${shorten(name)}" must be a string, a number or a boolean, and is ${shown(value)}`;
      return refuse(context, sentence);
    }
    const problem = unstorable(name) ?? unstorable(String(value));
    if (problem !== undefined) return refuse(context, problem);
  }
  return Object.fromEntries(entries);
});

/** The same in the AWS shape: a string of so many characters that holds the JSON of such an object. */
export function propertiesJson({ max }: { max: number }) {
  return text({ min: 1, max })
    .transform((json, context): unknown => {
      let value: unknown;
      try {
        value = JSON.parse(json);
      } catch {
        return refuse(context, `Member must be valid JSON: ${jsonProblem(json)}`);
      }
      if (nestedTooDeeply(value)) return refuse(context, `Member must not be nested deeper than ${MAX_NESTING} levels`);
      return value;
    })
    .pipe(eventProperties);
}

function isPropertyValue(value: unknown): value is PropertyValue {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
