import { parseArn } from '@attune/domain';
import type { Queryable } from './database';

/** The tables that name resources by ARN and hold their dataset group. */
const GROUP_BY_ARN: Readonly<Record<string, string>> = {
  'dataset-import-job': 'select dataset_group from dataset_job where arn = $1',
  'dataset-export-job': 'select dataset_group from dataset_job where arn = $1',
  'data-deletion-job': 'select dataset_group from dataset_job where arn = $1',
  campaign: 'select dataset_group from campaign where arn = $1',
  solution: `select dataset_group from solution where arn = $1
    union all
    select dataset_group from solution_version where arn = $1`,
};

/** Kinds of resource, as ARNs write them, that belong to a dataset group which `datasetGroupOf` finds. */
export const GROUPED_TYPES: ReadonlySet<string> = new Set([
  'dataset-group',
  'dataset',
  'event-tracker',
  ...Object.keys(GROUP_BY_ARN),
]);

/**
 * The name of the dataset group that a resource belongs to.
 * @param arn of a dataset group, or of something in one; `/$LATEST` after a solution is the solution itself
 * @returns undefined where there is no such resource, or its kind belongs to no group; of a dataset group and a dataset the
 *   name, whether or not it is there
 * @throws InvalidInputError where it is no ARN of this service
 */
export async function datasetGroupOf(db: Queryable, arn: string): Promise<string | undefined> {
  const { type, name } = parseArn(arn);
  // The ARN itself says it: GROUP, and of a dataset GROUP/TYPE.
  if (type === 'dataset-group' || type === 'dataset') return name.split('/')[0];
  if (type === 'event-tracker') return groupOf(db, 'select dataset_group from event_tracker where name = $1', name);
  const sql = Object.hasOwn(GROUP_BY_ARN, type) ? GROUP_BY_ARN[type] : undefined;
  return sql && groupOf(db, sql, arn.replace(/\/\$LATEST$/, ''));
}

async function groupOf(db: Queryable, sql: string, parameter: string): Promise<string | undefined> {
  const rows = await db.query<{ dataset_group: string }>(sql, [parameter]);
  return rows[0]?.dataset_group;
}
