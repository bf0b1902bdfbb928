import fc from 'fast-check';
import type { RequestSchema } from './requestSchema';

/** Values for members by their name, where a schema can't say what is right: ARNs that exist, JSON within a string. */
export type Samples = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Requests that keep to a schema, with some of the optional members. */
export function validRequests(schema: RequestSchema, samples: Samples = {}): fc.Arbitrary<unknown> {
  const { properties, required = [], items, propertyNames, additionalProperties } = schema;
  if (properties) {
    const members = Object.entries(properties).map(([name, member]) => [
      name,
      samples[name] ?? validRequests(member, samples),
    ]);
    return fc.record(Object.fromEntries(members), { requiredKeys: [...required] as never[], noNullPrototype: true });
  }
  if (items) {
    const { minItems: minLength = 0, maxItems = 3 } = schema;
    return fc.array(validRequests(items, samples), { minLength, maxLength: Math.min(maxItems, minLength + 2) });
  }
  if (propertyNames && additionalProperties) {
    const maxKeys = Math.min(schema.maxProperties ?? 3, 3);
    const value = validRequests(additionalProperties, samples);
    return fc.dictionary(validStrings(propertyNames), value, { maxKeys, noNullPrototype: true });
  }
  return validScalars(schema);
}

function validScalars(schema: RequestSchema): fc.Arbitrary<unknown> {
  const { format, type, minimum: min, maximum: max } = schema;
  if (format === 'timestamp') return fc.integer({ min: 1_500_000_000, max: 1_900_000_000 });
  switch (type) {
    case 'string':
      return validStrings(schema);
    case 'integer':
      return fc.integer({ ...(min !== undefined && { min }), ...(max !== undefined && { max }) });
    case 'number':
      return fc.double({
        noNaN: true,
        noDefaultInfinity: true,
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
      });
    case 'boolean':
      return fc.boolean();
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`);
  }
}

function validStrings(schema: RequestSchema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 40, pattern } = schema;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const size = { minLength, maxLength: Math.min(maxLength, 40) };
  if (pattern === undefined) return fc.string(size);
  // A pattern of its own length: an ARN of a role or a key has more than 40 characters.
  return fc
    .stringMatching(new RegExp(`^(?:${pattern})$`, 'u'), { maxLength: Math.min(maxLength, 200) })
    .filter((value) => !value.includes('\0') && value.length >= minLength);
}
