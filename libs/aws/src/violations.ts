import { InvalidInputError } from '@attune/domain';
import type { z } from 'zod';

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

/** Thrown when a request breaks its shape. The message has the form that AWS clients know. */
export class ShapeError extends InvalidInputError {
  /** @param writePath how the caller's protocol names a member; `memberPath` for AWS, `fieldPath` for gRPC */
  constructor(
    readonly violations: readonly Violation[],
    writePath: (path: Violation['path']) => string = memberPath,
  ) {
    const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: `;
    const sentences = violations
      .slice(0, MAX_SPELLED_OUT)
      .map(
        ({ path, given, constraint }) =>
          `Value ${shown(given)} at '${writePath(path)}' failed to satisfy constraint: ${constraint}`,
      );
    super(count + sentences.join('; '));
    this.name = 'ShapeError';
  }
}

/** No request of the API has more than 6 levels. One of 100,000 would outgrow the stack of whoever walks through it. */
const MAX_DEPTH = 32;

/**
 * Checks a request against its shape. Members that are null count as absent, as they do for AWS.
 * @throws ShapeError that names every member that is wrong
 * @throws InvalidInputError where the request is nested too deeply to be looked through
 */
export function parseShape<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  const result = schema.safeParse(withoutNulls(request), { reportInput: true });
  if (result.success) return result.data;
  throw new ShapeError(result.error.issues.map(violation));
}

/** The path as AWS writes it: `eventList.1.member.itemId` is the item id of the first event. */
export function memberPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `${part + 1}.member` : String(part))).join('.');
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
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return text.length <= 60 ? `'${text}'` : `'${text.slice(0, 40)}...' (${text.length} characters)`;
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
function withoutNulls(value: unknown, depth = 0): unknown {
  if (!holdsNull(value, depth)) return value;
  if (Array.isArray(value)) return value.map((member) => withoutNulls(member, depth + 1));
  const members = Object.entries(value as object).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member, depth + 1)]));
}

/**
 * Whether a member of the value, at any depth, is null.
 * @throws InvalidInputError
 */
function holdsNull(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) throw new InvalidInputError(`The request is nested more than ${MAX_DEPTH} levels deep.`);
  if (Array.isArray(value)) return value.some((member) => holdsNull(member, depth + 1));
  for (const name in value) {
    const member = value[name as keyof typeof value];
    if (member === null || holdsNull(member, depth + 1)) return true;
  }
  return false;
}
