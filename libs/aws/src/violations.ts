import { InvalidInputError } from '@attune/domain';
import type { z } from 'zod';
import { MAX_NESTING, nestedTooDeeply } from './nesting';

/** One member of a request that breaks its shape. */
export interface Violation {
  /** Where the member is; list positions count from 0. */
  path: readonly PropertyKey[];
  /** What was given; undefined where the member is missing. */
  given: unknown;
  /** The rule, for example `Member must have length less than or equal to 10`. */
  constraint: string;
}

/** The most violations that one message spells out. */
const MAX_SPELLED_OUT = 10;

/** The longest text that a message repeats whole. */
const MAX_SHOWN = 60;

/** Thrown when a request breaks its shape. The message has the form that AWS clients know. */
export class ShapeError extends InvalidInputError {
  /** @param writePath how the caller's protocol names a member; `memberPath` for AWS, `fieldPath` for gRPC */
  constructor(
    readonly violations: readonly Violation[],
    writePath: (path: Violation['path']) => string = memberPath,
  ) {
    const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: `;
    const spelledOut = violations
      .slice(0, MAX_SPELLED_OUT)
      .map(({ path, given, constraint }) => ({ field: writePath(path), given, description: constraint }));
    const sentences = spelledOut.map(
      ({ field, given, description }) =>
        `Value ${shown(given)} at '${field}' failed to satisfy constraint: ${description}`,
    );
    const fieldViolations = spelledOut.map(({ field, description }) => ({ field, description }));
    super(count + sentences.join('; '), { fieldViolations });
    this.name = 'ShapeError';
  }
}

/**
 * Checks a request against its shape. Members that are null count as absent, and members that the shape does not have are
 * passed over, as AWS does both.
 * @throws ShapeError that names every member that is wrong
 * @throws InvalidInputError where the request is nested deeper than any shape
 */
export function parseShape<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  if (nestedTooDeeply(request)) {
    throw new InvalidInputError(`The request must not be nested deeper than ${MAX_NESTING} levels.`);
  }
  const given = withoutNulls(request);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  // To report what was given makes a check slower by a third, so only what failed is checked again.
  const { error } = schema.safeParse(given, { reportInput: true });
  throw new ShapeError(error!.issues.map(violation));
}

/** The path as AWS writes it: `eventList.1.member.itemId` is the item id of the first event. */
export function memberPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `${part + 1}.member` : shorten(String(part)))).join('.');
}

/**
 * The path as proto fields are named: `events[0].item_id` is the item id of the first event.
 * @param renamed fields that have another name than their AWS member has in snake case
 */
export function fieldPath(path: readonly PropertyKey[], renamed: Readonly<Record<string, string>> = {}): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${fieldName(String(part), renamed)}`));
  return parts.join('').slice(1);
}

function fieldName(member: string, renamed: Readonly<Record<string, string>>): string {
  return renamed[member] ?? member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What was given, short enough for a message: `'abc'`, `null`, `'aaaa...' (300 characters)`, `[11 members]`. */
export function shown(given: unknown): string {
  if (given === undefined || given === null) return 'null';
  if (Array.isArray(given)) return `[${given.length} member${given.length === 1 ? '' : 's'}]`;
  // JSON.stringify is recursive: some thousand levels are more than the stack holds.
  if (nestedTooDeeply(given)) return `a value nested deeper than ${MAX_NESTING} levels`;
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return text.length <= MAX_SHOWN ? `'${text}'` : `'${shorten(text)}' (${text.length} characters)`;
}

/** A text of up to 60 characters as it is, the beginning of a longer one. */
export function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, 40)}...`;
}

function violation(issue: z.core.$ZodIssue): Violation {
  return { path: issue.path, given: issue.input, constraint: constraint(issue) };
}

const EXPECTED: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  array: 'a list',
  object: 'a structure',
  record: 'a map',
  boolean: 'a boolean',
};

function constraint(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== 'custom') return 'Member must not be null';
  switch (issue.code) {
    case 'invalid_type':
      return `Member must be ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`;
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_key':
      return `Map keys must satisfy constraint: [${issue.issues.map(constraint).join(', ')}]`;
    default:
      return issue.message;
  }
}

function measure(origin: string): 'value' | 'length' {
  return origin === 'number' || origin === 'int' ? 'value' : 'length';
}

/** The value itself where no member is null, as with nearly all requests: copying each took 5 % of ingest's time. */
function withoutNulls(value: unknown): unknown {
  if (!holdsNull(value)) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const members = Object.entries(value as object).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/** Whether a member of the value, at any depth, is null. */
function holdsNull(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) {
    const member = value[name as keyof typeof value];
    if (member === null || holdsNull(member)) return true;
  }
  return false;
}
