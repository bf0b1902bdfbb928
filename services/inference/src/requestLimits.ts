import { type GetRecommendationsRequest, ShapeError } from '@attune/aws';
import { type ItemId, itemId } from '@attune/domain';

const DEFAULT_RESULTS = 25;
const MAX_RESULTS = 500;
const MAX_RESULTS_WITH_METADATA = 50;
const MAX_METADATA_COLUMNS = 10;

/** Members of the shape that this version has no answer to. Passing over a filter would show what must not be shown. */
const UNSUPPORTED = ['itemId', 'filterArn', 'filterValues', 'recommenderArn', 'promotions'] as const;

/**
 * @throws ShapeError for members that would change the answer, and can't yet
 */
export function refuseUnsupported(request: Partial<Record<(typeof UNSUPPORTED)[number], unknown>>): void {
  const violations = UNSUPPORTED.filter((member) => request[member] !== undefined).map((member) => ({
    path: [member],
    given: request[member],
    constraint: 'Member is not supported by this version and must be absent',
  }));
  if (violations.length > 0) throw new ShapeError(violations);
}

/**
 * How many items to answer with; 25 where the request does not say.
 * @throws ShapeError above 500, or above 50 where metadata is asked for
 */
export function requestedSize({ numResults }: GetRecommendationsRequest, withMetadata: boolean): number {
  const limit = withMetadata ? MAX_RESULTS_WITH_METADATA : MAX_RESULTS;
  if (!numResults) return DEFAULT_RESULTS;
  if (numResults <= limit) return numResults;
  const constraint = `Member must have value less than or equal to ${limit}${withMetadata ? ' where metadata is asked for' : ''}`;
  throw new ShapeError([{ path: ['numResults'], given: numResults, constraint }]);
}

/**
 * The items to put in order.
 * @throws ShapeError for none, for an item given twice, for more than 500, or more than 50 where metadata is asked for
 */
export function itemsToRank(inputList: readonly string[], withMetadata: boolean): readonly ItemId[] {
  const refuse = (given: unknown, constraint: string) => new ShapeError([{ path: ['inputList'], given, constraint }]);
  const limit = withMetadata ? MAX_RESULTS_WITH_METADATA : MAX_RESULTS;
  if (inputList.length === 0) throw refuse(inputList, 'Member must have length greater than or equal to 1');
  if (inputList.length > limit) {
    const where = withMetadata ? ' where metadata is asked for' : '';
    throw refuse(`${inputList.length} items`, `Member must have length less than or equal to ${limit}${where}`);
  }
  const twice = inputList.find((id, index) => inputList.indexOf(id) < index);
  if (twice !== undefined) throw refuse(twice, 'Member must have unique values');
  return inputList.map(itemId);
}

/**
 * The item columns to answer with.
 * @param existing the columns that the items have
 * @throws ShapeError for another dataset than ITEMS, an unknown column, or more than 10
 */
export function requestedColumns(
  { metadataColumns = {} }: Pick<GetRecommendationsRequest, 'metadataColumns'>,
  existing: ReadonlySet<string>,
): readonly string[] {
  const other = Object.keys(metadataColumns).find((dataset) => dataset !== 'ITEMS');
  if (other !== undefined) {
    throw wrongColumns(other, 'Map keys must satisfy constraint: [Member must be ITEMS, the dataset with metadata]');
  }
  const columns = metadataColumns.ITEMS ?? [];
  if (columns.length > MAX_METADATA_COLUMNS) {
    throw wrongColumns(columns, `Member must have length less than or equal to ${MAX_METADATA_COLUMNS}`);
  }
  const unknown = columns.find((column) => !existing.has(column));
  if (unknown === undefined) return columns;
  const known = existing.size === 0 ? 'the items have none' : `the items have ${[...existing].sort().join(', ')}`;
  throw wrongColumns(unknown, `Member must name metadata columns of the items: ${known}`);
}

function wrongColumns(given: unknown, constraint: string): ShapeError {
  return new ShapeError([{ path: ['metadataColumns'], given, constraint }]);
}
