import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import { fromRow, type JsonObject, type NullableRow } from './rows';

/** In the API's words. A version goes forward only: to `ACTIVE` or to `CREATE FAILED`. */
export type SolutionVersionStatus = 'CREATE PENDING' | 'CREATE IN_PROGRESS' | 'ACTIVE' | 'CREATE FAILED';

/** One training of a solution. The table is the queue of trainings, too. */
export interface SolutionVersion {
  arn: string;
  solutionArn: string;
  datasetGroup: DatasetGroupName;
  status: SolutionVersionStatus;
  failureReason?: string;
  /** The folder that holds the artifact, `s3://bucket/key`. */
  artifactUri?: string;
  metrics?: JsonObject;
  /** The latest word of the training: what a progress bar shows. */
  progress?: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `arn, solution_arn as "solutionArn", dataset_group as "datasetGroup", status,
  failure_reason as "failureReason", artifact_uri as "artifactUri", metrics, progress,
  created_ms as "createdAt", updated_ms as "updatedAt"`;

/**
 * Queues a training.
 * @throws ResourceAlreadyExistsError
 */
export async function createSolutionVersion(
  db: Queryable,
  version: Pick<SolutionVersion, 'arn' | 'solutionArn' | 'datasetGroup' | 'createdAt'>,
): Promise<void> {
  const created = await db.query(
    `insert into solution_version (arn, solution_arn, dataset_group, status, created_ms, updated_ms)
     values ($1, $2, $3, 'CREATE PENDING', $4, $4) on conflict do nothing returning arn`,
    [version.arn, version.solutionArn, version.datasetGroup, version.createdAt],
  );
  if (created.length === 0)
    throw new ResourceAlreadyExistsError(`There is a solution version "${version.arn}" already.`);
}

export async function findSolutionVersion(db: Queryable, arn: string): Promise<SolutionVersion | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/** The versions of a solution, latest first. */
export function listSolutionVersions(db: Queryable, solutionArn: string): Promise<SolutionVersion[]> {
  return select(db, 'where solution_arn = $1 order by created_ms desc, arn', [solutionArn]);
}

/**
 * Takes the training that waits longest, and no two callers the same.
 * @param now milliseconds since the epoch
 * @returns the version, now in progress; undefined where none waits
 */
export async function claimSolutionVersion(db: Queryable, now: number): Promise<SolutionVersion | undefined> {
  const [row] = await db.query<NullableRow<SolutionVersion>>(
    `update solution_version set status = 'CREATE IN_PROGRESS', updated_ms = $1
     where arn = (
       select arn from solution_version where status = 'CREATE PENDING'
       order by created_ms, arn limit 1 for update skip locked
     )
     returning ${COLUMNS}`,
    [now],
  );
  return row && fromRow<SolutionVersion>(row);
}

/**
 * Puts trainings back into the queue whose trainer has fallen silent.
 * @param silentSince those without a sign of life since then, in milliseconds since the epoch
 * @returns their ARNs
 */
export async function requeueSolutionVersions(db: Queryable, silentSince: number, now: number): Promise<string[]> {
  const rows = await db.query<{ arn: string }>(
    `update solution_version set status = 'CREATE PENDING', progress = null, updated_ms = $2
     where status = 'CREATE IN_PROGRESS' and updated_ms <= $1
     returning arn`,
    [silentSince, now],
  );
  return rows.map((row) => row.arn);
}

/**
 * Keeps the latest word of a training in progress; a sign of life, too.
 * @returns false where the version is not in progress (any more): the trainer should stop
 */
export function updateSolutionVersionProgress(
  db: Queryable,
  arn: string,
  progress: object,
  now: number,
): Promise<boolean> {
  return changeInProgress(db, 'progress = $2, updated_ms = $3', [arn, progress, now]);
}

/** Gives a sign of life from a training in progress. @returns false where the version is not in progress (any more) */
export function touchSolutionVersion(db: Queryable, arn: string, now: number): Promise<boolean> {
  return changeInProgress(db, 'updated_ms = $2', [arn, now]);
}

/** Ends a training with success. @returns false where the version was not in progress (any more) */
export function finishSolutionVersion(
  db: Queryable,
  arn: string,
  result: { artifactUri: string; metrics: object },
  now: number,
): Promise<boolean> {
  return changeInProgress(db, `status = 'ACTIVE', artifact_uri = $2, metrics = $3, updated_ms = $4`, [
    arn,
    result.artifactUri,
    result.metrics,
    now,
  ]);
}

/** Ends a training without a model. @returns false where the version was not in progress (any more) */
export function failSolutionVersion(db: Queryable, arn: string, reason: string, now: number): Promise<boolean> {
  return changeInProgress(db, `status = 'CREATE FAILED', failure_reason = $2, updated_ms = $3`, [arn, reason, now]);
}

async function changeInProgress(db: Queryable, change: string, parameters: readonly unknown[]): Promise<boolean> {
  const changed = await db.query(
    `update solution_version set ${change} where arn = $1 and status = 'CREATE IN_PROGRESS' returning arn`,
    parameters,
  );
  return changed.length > 0;
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<SolutionVersion[]> {
  const rows = await db.query<NullableRow<SolutionVersion>>(
    `select ${COLUMNS} from solution_version ${rest}`,
    parameters,
  );
  return rows.map((row) => fromRow<SolutionVersion>(row));
}
