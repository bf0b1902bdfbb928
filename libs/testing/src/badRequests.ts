import fc from 'fast-check';
import type { RequestSchema } from './requestSchema';
import { type Samples, validRequests } from './validRequests';

/** A request that breaks its shape in one place. */
export interface BadRequest {
  /** What is wrong, for the report of a failure: `tags.0.tagKey: an empty text`. */
  what: string;
  body: string;
}

/**
 * Requests that a server must refuse: a valid one broken in one place (a member left out, another type, a limit passed,
 * half a character, a number beyond all numbers, a thousand levels of nesting), or a body that is no request at all.
 */
export function badRequests(schema: RequestSchema, samples?: Samples): fc.Arbitrary<BadRequest> {
  const broken = fc
    .tuple(validRequests(schema, samples), fc.noBias(fc.nat()))
    .map(([request, choice]) => breakOnce(schema, request, choice));
  const unreadable = fc.constantFrom(...UNREADABLE).map((body) => ({ what: 'a body that is no request', body }));
  return fc.oneof({ weight: 19, arbitrary: broken }, { weight: 1, arbitrary: unreadable }).map(reported);
}

/** With a short form for the report of a failure: some bodies are megabytes. */
function reported(request: BadRequest): BadRequest {
  return Object.assign(request, { [fc.toStringMethod]: () => `${request.what}: ${request.body.slice(0, 500)}` });
}

const UNREADABLE = [
  'null',
  '7',
  '"text"',
  '[]',
  '[{}]',
  '{',
  '{"a":}',
  '\0',
  'a=1&b=2',
  '['.repeat(50_000),
  '{"a":'.repeat(9_000),
];

/** JSON has no name for a number that is too large; the digits stand in the text. */
const BEYOND_NUMBERS = 'a number beyond all numbers';

function breakOnce(schema: RequestSchema, request: unknown, choice: number): BadRequest {
  const breaks = places(schema, request, []).flatMap((place) =>
    wrongValues(place.schema, place.value).map(([what, value]) => ({ what, path: place.path, value })),
  );
  const { what, path, value } = breaks[choice % breaks.length]!;
  const body = JSON.stringify(replaced(request, path, value));
  return { what: `${path.join('.')}: ${what}`, body: body.replace(`"${BEYOND_NUMBERS}"`, '1e999') };
}

interface Place {
  path: readonly string[];
  schema: RequestSchema;
  value: unknown;
}

/** Everything in a request that has a schema of its own, the request itself first. */
function places(schema: RequestSchema, value: unknown, path: readonly string[]): Place[] {
  const members = Object.entries(schema.items || schema.properties || schema.additionalProperties ? Object(value) : {});
  const inner = members.flatMap(([name, member]) =>
    places((schema.items ?? schema.properties?.[name] ?? schema.additionalProperties)!, member, [...path, name]),
  );
  return [{ path, schema, value }, ...inner];
}

type Wrong = readonly [what: string, value: unknown];

function wrongValues(schema: RequestSchema, value: unknown): Wrong[] {
  if (schema.properties) return wrongStructures(schema, value as Record<string, unknown>);
  if (schema.items) return wrongLists(schema, value as unknown[]);
  if (schema.additionalProperties) return wrongMaps(schema, value as Record<string, unknown>);
  if (schema.type === 'string') return wrongStrings(schema, value as string);
  if (schema.type === 'boolean')
    return [
      ['a text for a boolean', 'true'],
      ['a number for a boolean', 1],
    ];
  return wrongNumbers(schema);
}

function wrongStructures({ required = [] }: RequestSchema, value: Record<string, unknown>): Wrong[] {
  return [
    ...required.map((name): Wrong => [`without ${name}`, { ...value, [name]: undefined }]),
    ['a list for a structure', [value]],
    ['a text for a structure', 'text'],
    ['too deep a nesting beside its members', { ...value, more: nested(1_000) }],
  ];
}

function wrongLists({ minItems = 0, maxItems }: RequestSchema, value: unknown[]): Wrong[] {
  const tooLong: Wrong[] =
    maxItems !== undefined && value.length > 0 ? [['too long a list', Array(maxItems + 1).fill(value[0])]] : [];
  const tooShort: Wrong[] = minItems > 0 ? [['an empty list', []]] : [];
  return [
    ...tooLong,
    ...tooShort,
    ['a structure for a list', { 0: value[0] }],
    ['a list in the list', [nested(1_000)]],
    ['many members of another type', Array(5_000).fill([])],
  ];
}

function wrongMaps({ maxProperties, propertyNames }: RequestSchema, value: Record<string, unknown>): Wrong[] {
  const [member] = Object.values(value);
  const names = Array.from({ length: (maxProperties ?? 0) + 1 }, (_, index) => `A${index}`);
  const tooMany: Wrong[] =
    maxProperties && member !== undefined
      ? [['too many entries', Object.fromEntries(names.map((name) => [name, member]))]]
      : [];
  const wrongKeys = wrongStrings(propertyNames!, 'key').filter(([, key]) => typeof key === 'string');
  return [
    ...tooMany,
    ...wrongKeys.map(([what, key]): Wrong => [`a key that is ${what}`, { [key as string]: member ?? 'value' }]),
    ['a list for a map', [value]],
    ['too deep a nesting', nested(1_000)],
  ];
}

function wrongStrings({ minLength = 0, maxLength, pattern, enum: options }: RequestSchema, value: string): Wrong[] {
  return [
    ...(maxLength !== undefined ? tooLongTexts(maxLength) : []),
    ...(minLength > 0 ? [['an empty text', ''] as const] : []),
    ...(options ? [['not in the enum', 'NO_SUCH_VALUE'] as const] : []),
    // No pattern of the API lets a pictogram stand alone.
    ...(pattern !== undefined ? [['against the pattern', '\u{1F600}\u202E'] as const] : []),
    ['with a character that no database keeps', `${value}\0`],
    ['with half a character', `${value}\uD800`],
    ['a number for a text', 7],
    ['a list for a text', [value]],
    ['too deep a nesting', nested(1_000)],
  ];
}

function tooLongTexts(maxLength: number): Wrong[] {
  return [
    ['too long by one', 'x'.repeat(maxLength + 1)],
    ['too long by far', 'x'.repeat(200_000)],
    // Where a pattern is tried on too long a text, colons and blanks make it try every way to divide it.
    ['too long for the pattern', `arn:aws:personalize:${':'.repeat(100_000)}\n`],
    ['too long for the pattern', `${' '.repeat(100_000)}\n`],
  ];
}

function wrongNumbers({ type, minimum, maximum }: RequestSchema): Wrong[] {
  return [
    ...(minimum !== undefined ? [['too small', minimum - 1] as const] : []),
    ...(maximum !== undefined ? [['too large', maximum + 1] as const] : []),
    ...(type === 'integer' ? [['a fraction', 2.5] as const, ['more than 32 bits', 2 ** 53] as const] : []),
    ['beyond all numbers', BEYOND_NUMBERS],
    ['a text for a number', 'seven'],
    ['a list for a number', [1]],
    ['a structure for a number', {}],
  ];
}

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
  return value;
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return by;
  const inner = replaced((value as Record<string, unknown>)[name], rest, by);
  return Array.isArray(value) ? value.with(Number(name), inner) : { ...(value as object), [name]: inner };
}
