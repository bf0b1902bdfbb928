import type { DatasetGroupName } from '@attune/domain';
import type { Queryable } from './database';

/** The ARNs of the jobs and trainings of a dataset group that wait or go on, oldest first. */
export async function listUnfinishedWork(db: Queryable, datasetGroup: DatasetGroupName): Promise<string[]> {
  const rows = await db.query<{ arn: string }>(
    `select arn from (
       select arn, dataset_group, status, created_ms from dataset_job
       union all select arn, dataset_group, status, created_ms from solution_version
     ) as work
     where dataset_group = $1 and (status like '%PENDING' or status like '%IN_PROGRESS' or status like '%STOPPING')
     order by created_ms, arn`,
    [datasetGroup],
  );
  return rows.map(({ arn }) => arn);
}
