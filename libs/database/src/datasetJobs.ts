import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';
import { fromRow, type JsonObject, type NullableRow } from './rows';

export type DatasetJobKind = 'import' | 'export' | 'deletion';

/** Work on the data of a dataset group. */
export interface DatasetJob {
  arn: string;
  kind: DatasetJobKind;
  /** Unique among the jobs of its kind. */
  name: string;
  datasetGroup: DatasetGroupName;
  /** Absent for deletions, which go through all datasets of the group. */
  datasetArn?: string;
  status: 'CREATE PENDING' | 'CREATE IN_PROGRESS' | 'ACTIVE' | 'CREATE FAILED';
  failureReason?: string;
  /** The request that made it, as the API writes it. */
  definition: JsonObject;
  /** How far it is, and in the end what it did. */
  progress?: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = `select arn, kind, name, dataset_group as "datasetGroup", dataset_arn as "datasetArn", status,
  failure_reason as "failureReason", definition, progress, created_ms as "createdAt", updated_ms as "updatedAt"
  from dataset_job`;

/** Notes a job that waits. @throws ResourceAlreadyExistsError */
export async function createDatasetJob(
  db: Queryable,
  job: Omit<DatasetJob, 'status' | 'failureReason' | 'progress' | 'updatedAt'>,
): Promise<void> {
  const created = await db.query(
    `insert into dataset_job
       (arn, kind, name, dataset_group, dataset_arn, status, definition, created_ms, updated_ms)
     values ($1, $2, $3, $4, $5, 'CREATE PENDING', $6, $7, $7) on conflict do nothing returning arn`,
    [job.arn, job.kind, job.name, job.datasetGroup, job.datasetArn ?? null, job.definition, job.createdAt],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a job "${job.name}" of this kind already.`);
}

export async function findDatasetJob(db: Queryable, arn: string): Promise<DatasetJob | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/**
 * A page of the jobs of one kind, in order of their creation.
 * @param within a dataset's ARN, or a dataset group; all where it is left out
 */
export function pageOfDatasetJobs(
  db: Queryable,
  kind: DatasetJobKind,
  within: { datasetArn?: string | undefined; datasetGroup?: DatasetGroupName | undefined },
  page: Page,
): Promise<DatasetJob[]> {
  const bounds = { kind, dataset_arn: within.datasetArn, dataset_group: within.datasetGroup };
  const { sql, parameters } = pageClause(bounds, page);
  return select(db, sql, parameters);
}

/** Begins a job, or begins anew one whose worker died. @returns undefined where it has ended, or is gone */
export async function beginDatasetJob(db: Queryable, arn: string, now: number): Promise<DatasetJob | undefined> {
  const rows = await db.query<NullableRow<DatasetJob>>(
    `with begun as (
       update dataset_job set status = 'CREATE IN_PROGRESS', progress = null, updated_ms = $2
       where arn = $1 and status in ('CREATE PENDING', 'CREATE IN_PROGRESS') returning *
     ) ${SELECT.replace('from dataset_job', 'from begun')}`,
    [arn, now],
  );
  return rows.map((row) => fromRow<DatasetJob>(row))[0];
}

/** Shows how far a job is. One that has ended stays as it is. */
export async function reportDatasetJob(db: Queryable, arn: string, progress: JsonObject, now: number): Promise<void> {
  await db.query(
    `update dataset_job set progress = $2, updated_ms = $3 where arn = $1 and status = 'CREATE IN_PROGRESS'`,
    [arn, progress, now],
  );
}

/**
 * Ends a job well. To be called in the transaction that holds its work: of two workers on one job, only one gets true.
 * @returns false where the job is not in progress (any more): roll back
 */
export async function finishDatasetJob(
  db: Queryable,
  arn: string,
  progress: JsonObject,
  now: number,
): Promise<boolean> {
  const finished = await db.query(
    `update dataset_job set status = 'ACTIVE', progress = $2, updated_ms = $3
     where arn = $1 and status = 'CREATE IN_PROGRESS' returning arn`,
    [arn, progress, now],
  );
  return finished.length > 0;
}

/** Ends a job that can't be done. @returns false where the job has ended, or is gone */
export async function failDatasetJob(db: Queryable, arn: string, reason: string, now: number): Promise<boolean> {
  const failed = await db.query(
    `update dataset_job set status = 'CREATE FAILED', failure_reason = $2, updated_ms = $3
     where arn = $1 and status in ('CREATE PENDING', 'CREATE IN_PROGRESS') returning arn`,
    [arn, reason, now],
  );
  return failed.length > 0;
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<DatasetJob[]> {
  const rows = await db.query<NullableRow<DatasetJob>>(`${SELECT} ${rest}`, parameters);
  return rows.map((row) => fromRow<DatasetJob>(row));
}
