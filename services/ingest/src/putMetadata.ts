import { type EventProperties, parseShape, ShapeError, type Violation } from '@attune/aws';
import { type Bus, topics } from '@attune/bus';
import type { Database } from '@attune/database';
import {
  type Caller,
  type DatasetGroupName,
  InvalidInputError,
  LATEST_TIMESTAMP_S,
  parseArn,
  propertyName,
  requireDatasetGroup,
  requirePlane,
} from '@attune/domain';
import type { z } from 'zod';

/** When an item or a user came to be, in seconds; as in files. */
const CREATION_TIMESTAMP = 'CREATION_TIMESTAMP';

/** A column of a dataset's schema. */
export interface PutColumn {
  name: string;
  type: 'string' | 'int' | 'long' | 'float' | 'double' | 'boolean';
  nullable: boolean;
}

/** A dataset that PutItems or PutUsers writes into. */
export interface PutDataset {
  datasetGroup: DatasetGroupName;
  kind: 'interactions' | 'items' | 'users';
  columns: readonly PutColumn[];
}

export interface PutMetadataParts {
  database: Database;
  bus: Pick<Bus, 'publish'>;
  /** @throws InvalidInputError or ResourceNotFoundError where the ARN names no dataset */
  findDataset(datasetArn: string): Promise<PutDataset>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** How rows of one kind are put. */
export interface PutOperation<Request extends { datasetArn: string }, Entry> {
  kind: 'items' | 'users';
  shape: z.ZodType<Request>;
  /** The member that lists the rows, and the column of their id, which is no property. */
  list: keyof Request & string;
  idColumn: string;
  entriesOf(request: Request): readonly { properties?: EventProperties | undefined; entry: Entry }[];
  store(dataset: PutDataset, rows: readonly { entry: Entry; metadata: Record<string, unknown> }[]): Promise<void>;
}

/**
 * Stores the rows of one call, all of them or none, and says on the bus that they are there.
 * @throws ShapeError that names the members that are wrong, by the dataset's schema too
 * @throws ResourceNotFoundError where there is no such dataset
 * @throws AccessDeniedError where the caller may not send data to the dataset's group
 */
export async function putMetadata<Request extends { datasetArn: string }, Entry>(
  { bus, findDataset, now }: PutMetadataParts,
  operation: PutOperation<Request, Entry>,
  body: unknown,
  caller: Caller,
): Promise<void> {
  requirePlane(caller, 'data');
  const request = parseShape(operation.shape, body);
  // The name of a dataset begins with its group's.
  requireDatasetGroup(caller, parseArn(request.datasetArn).name.split('/')[0]);
  const dataset = await findDataset(request.datasetArn);
  if (dataset.kind !== operation.kind) {
    throw new InvalidInputError(
      `datasetArn names the ${dataset.kind} dataset "${request.datasetArn}". Expected an ARN of ${operation.kind}: it ends in /${operation.kind.toUpperCase()}.`,
    );
  }
  const columns = dataset.columns.filter(({ name }) => name !== operation.idColumn);
  const violations: Violation[] = [];
  const rows = operation.entriesOf(request).map(({ properties = {}, entry }, index) => {
    const path = [operation.list, index, 'properties'];
    return { entry, metadata: readProperties(columns, properties, path, violations) };
  });
  if (violations.length > 0) throw new ShapeError(violations);
  await operation.store(dataset, rows);
  const { datasetGroup, kind } = dataset;
  await bus.publish(topics.catalog, [{ key: datasetGroup, value: { datasetGroup, kind, changedAt: now() } }]);
}

/** Properties by column name. What breaks the schema is added to the violations. */
function readProperties(
  columns: readonly PutColumn[],
  properties: EventProperties,
  path: readonly PropertyKey[],
  violations: Violation[],
): Record<string, unknown> {
  const metadata: Record<string, unknown> = {};
  const byProperty = new Map(columns.map((column) => [propertyName(column.name), column]));
  for (const [name, given] of Object.entries(properties)) {
    const column = byProperty.get(name);
    const constraint = column
      ? mismatch(column, given)
      : `Member must be a column of the schema: ${[...byProperty.keys()].join(', ')}`;
    if (constraint !== undefined) violations.push({ path: [...path, name], given, constraint });
    else metadata[column!.name] = given;
  }
  for (const [name, { nullable }] of byProperty) {
    if (nullable || Object.hasOwn(properties, name)) continue;
    violations.push({ path: [...path, name], given: undefined, constraint: 'Member must not be null' });
  }
  return metadata;
}

function mismatch({ name, type }: PutColumn, given: unknown): string | undefined {
  if (name === CREATION_TIMESTAMP && !(Number(given) >= 0 && Number(given) <= LATEST_TIMESTAMP_S)) {
    return `Member must be a Unix time in seconds, from 0 to ${LATEST_TIMESTAMP_S}`;
  }
  const fits = {
    string: typeof given === 'string',
    boolean: typeof given === 'boolean',
    float: typeof given === 'number',
    double: typeof given === 'number',
    long: Number.isSafeInteger(given),
    int: Number.isSafeInteger(given) && Math.abs(given as number) < 2 ** 31,
  }[type];
  return fits ? undefined : `Member must have the type of its column, ${type}`;
}
