import { type CallerHandlers, type ControlHandlers, type ControlOperation, controlOperations } from '@attune/aws';
import { datasetGroupOf, GROUPED_TYPES, type Queryable } from '@attune/database';
import { AccessDeniedError, type Caller, parseArn, requireDatasetGroup, requirePlane } from '@attune/domain';

/** What belongs to no dataset group: every caller of the control plane may use it. */
const SHARED_TYPES: ReadonlySet<string> = new Set(['schema', 'recipe', 'algorithm', 'feature-transformation']);

/** Operations on shared resources that name none of them. */
const SHARED_OPERATIONS: ReadonlySet<ControlOperation> = new Set(['CreateSchema', 'ListSchemas', 'ListRecipes']);

/** Roles and encryption keys belong to other services; nothing is looked up by them. */
const FOREIGN_MEMBERS: ReadonlySet<string> = new Set(['roleArn', 'kmsKeyArn']);

/**
 * Puts a check before every operation: the caller may use the control plane, and the dataset group of every resource that
 * its request names. To a caller of some dataset groups, what is not there is denied like what is another's.
 * @throws AccessDeniedError from each handler, where the caller may not
 */
export function authorize(handlers: ControlHandlers, database: Queryable): CallerHandlers {
  const entries = Object.entries(handlers).map(([name, handle]) => {
    const operation = name as ControlOperation;
    const authorized = async (request: object, caller: Caller) => {
      await requireRequest(database, operation, request, caller);
      const response = await (handle as (request: object) => Promise<object>)(request);
      return operation === 'ListDatasetGroups' ? ownGroups(response, caller) : response;
    };
    return [operation, authorized];
  });
  return Object.fromEntries(entries) as unknown as CallerHandlers;
}

/**
 * @throws AccessDeniedError where the caller may not use the control plane, or the dataset group of this resource
 * @throws InvalidInputError where it is no ARN of this service
 */
export async function requireResource(database: Queryable, arn: string, caller: Caller): Promise<void> {
  requirePlane(caller, 'control');
  if (caller.datasetGroups === undefined) return;
  const { type } = parseArn(arn);
  if (SHARED_TYPES.has(type)) return;
  // What has no group that can be looked up is for callers of all groups.
  if (!GROUPED_TYPES.has(type)) throw new AccessDeniedError(`${keyOf(caller)} may not use resources such as ${arn}.`);
  requireDatasetGroup(caller, await datasetGroupOf(database, arn));
}

async function requireRequest(
  database: Queryable,
  operation: ControlOperation,
  request: object,
  caller: Caller,
): Promise<void> {
  requirePlane(caller, 'control');
  if (caller.datasetGroups === undefined) return;
  const arns = [...arnsOf(request)];
  for (const arn of arns) await requireResource(database, arn, caller);
  if (operation === 'CreateDatasetGroup') return requireDatasetGroup(caller, (request as { name: string }).name);
  if (arns.length > 0 || operation === 'ListDatasetGroups' || SHARED_OPERATIONS.has(operation)) return;
  const parents = Object.keys(controlOperations[operation].input.shape).filter(isResourceMember);
  const remedy = parents.length > 0 ? ` Give ${parents.join(' or ')}.` : '';
  throw new AccessDeniedError(`${operation} without a resource is for keys of all dataset groups.${remedy}`);
}

/** Every ARN in a request, wherever it stands. */
function* arnsOf(value: unknown, member = ''): Generator<string> {
  if (typeof value === 'string') {
    if (isResourceMember(member)) yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) yield* arnsOf(part, Array.isArray(value) ? member : name);
  }
}

function isResourceMember(name: string): boolean {
  return name.endsWith('Arn') && !FOREIGN_MEMBERS.has(name);
}

/** A page may come out shorter than was asked for, or empty with a token for the next. */
function ownGroups(response: { datasetGroups?: { name?: string | undefined }[] }, { datasetGroups }: Caller): object {
  if (datasetGroups === undefined) return response;
  return { ...response, datasetGroups: response.datasetGroups?.filter(({ name = '' }) => datasetGroups.has(name)) };
}

function keyOf({ name }: Caller): string {
  return `The key "${name}"`;
}
