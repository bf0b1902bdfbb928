import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';
import type { DataMark } from './dataMark';
import { type Page, pageClause } from './page';
import { fromRow, type JsonObject, type NullableRow } from './rows';
import type { SolutionDefinition } from './solutions';

/** In the API's words. A version goes forward only: to `ACTIVE`, to `CREATE FAILED`, or through `CREATE STOPPING` to `CREATE STOPPED`. */
export type SolutionVersionStatus =
  | 'CREATE PENDING'
  | 'CREATE IN_PROGRESS'
  | 'ACTIVE'
  | 'CREATE FAILED'
  | 'CREATE STOPPING'
  | 'CREATE STOPPED';

/** One training of a solution. */
export interface SolutionVersion {
  arn: string;
  /** Absent where CreateSolutionVersion gave none. */
  name?: string;
  solutionArn: string;
  datasetGroup: DatasetGroupName;
  status: SolutionVersionStatus;
  trainingMode: 'FULL' | 'UPDATE';
  trainingType: 'MANUAL' | 'AUTOMATIC';
  /** The version whose weights an update starts from. */
  baseArn?: string;
  /** The full training at the root of its line; its own ARN where it is one. */
  fullArn: string;
  /** The settings of its solution when it was made. */
  definition: SolutionDefinition;
  failureReason?: string;
  /** The folder that holds the artifact, `s3://bucket/key`. */
  artifactUri?: string;
  metrics?: JsonObject;
  /** The latest word of the training: what a progress bar shows. */
  progress?: JsonObject;
  /** How the training went so far: its learning curve and the trials of its search. */
  story?: JsonObject;
  /** What it was trained on. */
  dataMark?: DataMark;
  /** How long the training took, in seconds, its waiting aside. */
  trainingSeconds?: number;
  /** Why no campaign moved to it by itself, where that was decided. */
  notDeployedReason?: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

/** What a training that ended well leaves behind. */
export interface TrainingResult {
  artifactUri: string;
  metrics: object;
  /** Absent: it stays as it was told last. */
  story?: object;
  dataMark: DataMark;
  trainingSeconds: number;
}

type NewSolutionVersion = Pick<SolutionVersion, 'arn' | 'solutionArn' | 'datasetGroup' | 'createdAt'> &
  Partial<Pick<SolutionVersion, 'name' | 'trainingType' | 'definition'>> & {
    /** The version that this one updates. Absent for a full training. */
    base?: Pick<SolutionVersion, 'arn' | 'fullArn'>;
  };

const COLUMNS = `arn, name, solution_arn as "solutionArn", dataset_group as "datasetGroup", status,
  training_mode as "trainingMode", training_type as "trainingType", base_arn as "baseArn", full_arn as "fullArn",
  definition, failure_reason as "failureReason", artifact_uri as "artifactUri", metrics, progress, story,
  data_mark as "dataMark", training_seconds as "trainingSeconds", not_deployed_reason as "notDeployedReason",
  created_ms as "createdAt", updated_ms as "updatedAt"`;

/**
 * Writes down a training that is to be done.
 * @throws ResourceAlreadyExistsError where the ARN is taken, or where an automatic training of the solution waits or goes on
 *   and this is another
 */
export async function createSolutionVersion(db: Queryable, version: NewSolutionVersion): Promise<void> {
  const { arn, base, trainingType = 'MANUAL', definition = {} } = version;
  const created = await db.query(
    `insert into solution_version (arn, name, solution_arn, dataset_group, status, training_mode, training_type, base_arn,
       full_arn, definition, created_ms, updated_ms)
     values ($1, $2, $3, $4, 'CREATE PENDING', $5, $6, $7, $8, $9, $10, $10) on conflict do nothing returning arn`,
    [
      arn,
      version.name ?? null,
      version.solutionArn,
      version.datasetGroup,
      base ? 'UPDATE' : 'FULL',
      trainingType,
      base?.arn ?? null,
      base?.fullArn ?? arn,
      definition,
      version.createdAt,
    ],
  );
  if (created.length > 0) return;
  throw new ResourceAlreadyExistsError(
    trainingType === 'MANUAL'
      ? `There is a solution version "${arn}" already.`
      : `An automatic training of ${version.solutionArn} waits or goes on already.`,
  );
}

export async function findSolutionVersion(db: Queryable, arn: string): Promise<SolutionVersion | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/** The versions of a solution, latest first. */
export function listSolutionVersions(db: Queryable, solutionArn: string): Promise<SolutionVersion[]> {
  return select(db, 'where solution_arn = $1 order by created_ms desc, arn', [solutionArn]);
}

/** The latest ACTIVE version of a solution that was not found to be worse than the one before it. */
export async function latestGoodVersion(db: Queryable, solutionArn: string): Promise<SolutionVersion | undefined> {
  const good = `where solution_arn = $1 and status = 'ACTIVE' and not_deployed_reason is null
    order by created_ms desc, arn limit 1`;
  return (await select(db, good, [solutionArn]))[0];
}

/** A page of all versions, or of those of one solution, in order of their creation. */
export function pageOfSolutionVersions(db: Queryable, solutionArn: string | undefined, page: Page) {
  const { sql, parameters } = pageClause({ solution_arn: solutionArn }, page);
  return select(db, sql, parameters);
}

/**
 * Marks a training as in progress, from its beginning. One that was in progress is begun anew.
 * @returns the version; undefined where it has ended or is to stop
 */
export async function beginTraining(db: Queryable, arn: string, now: number): Promise<SolutionVersion | undefined> {
  const [row] = await db.query<NullableRow<SolutionVersion>>(
    `update solution_version set status = 'CREATE IN_PROGRESS', progress = null, story = null, updated_ms = $2
     where arn = $1 and status in ('CREATE PENDING', 'CREATE IN_PROGRESS')
     returning ${COLUMNS}`,
    [arn, now],
  );
  return row && fromRow<SolutionVersion>(row);
}

/**
 * Keeps the latest word of a training in progress.
 * @returns false where the version is not in progress (any more)
 */
export function updateSolutionVersionProgress(
  db: Queryable,
  arn: string,
  progress: object,
  now: number,
): Promise<boolean> {
  return change(db, 'progress = $2, updated_ms = $3', [arn, progress, now]);
}

/**
 * Keeps how a training in progress went so far.
 * @returns false where the version is not in progress (any more)
 */
export function updateTrainingStory(db: Queryable, arn: string, story: object, now: number): Promise<boolean> {
  return change(db, 'story = $2, updated_ms = $3', [arn, story, now]);
}

/** Ends a training with success. @returns false where the version was not in progress (any more) */
export function finishSolutionVersion(
  db: Queryable,
  arn: string,
  result: TrainingResult,
  now: number,
): Promise<boolean> {
  return change(
    db,
    `status = 'ACTIVE', artifact_uri = $2, metrics = $3, story = coalesce($4, story), data_mark = $5, training_seconds = $6, updated_ms = $7`,
    [arn, result.artifactUri, result.metrics, result.story ?? null, result.dataMark, result.trainingSeconds, now],
  );
}

/** Ends a training without a model. @returns false where the version was neither in progress nor waiting (any more) */
export function failSolutionVersion(db: Queryable, arn: string, reason: string, now: number): Promise<boolean> {
  return change(
    db,
    `status = 'CREATE FAILED', failure_reason = $2, updated_ms = $3`,
    [arn, reason, now],
    ['CREATE IN_PROGRESS', 'CREATE PENDING'],
  );
}

/**
 * Asks a training to stop: one that waits has stopped at once, one in progress stops as soon as its trainer hears of it.
 * @returns false where the version has ended, or is stopping already
 */
export function stopSolutionVersion(db: Queryable, arn: string, now: number): Promise<boolean> {
  return change(
    db,
    `status = case status when 'CREATE PENDING' then 'CREATE STOPPED' else 'CREATE STOPPING' end, updated_ms = $2`,
    [arn, now],
    ['CREATE IN_PROGRESS', 'CREATE PENDING'],
  );
}

/** Says that a training that was to stop has stopped. @returns false where it was not to stop */
export function settleStoppedVersion(db: Queryable, arn: string, now: number): Promise<boolean> {
  return change(db, `status = 'CREATE STOPPED', updated_ms = $2`, [arn, now], ['CREATE STOPPING']);
}

/** Writes down why no campaign moves to a version by itself. */
export async function explainNotDeployed(db: Queryable, arn: string, reason: string): Promise<void> {
  await change(db, 'not_deployed_reason = $2', [arn, reason], ['ACTIVE']);
}

async function change(
  db: Queryable,
  assignments: string,
  parameters: readonly [arn: string, ...unknown[]],
  from: readonly SolutionVersionStatus[] = ['CREATE IN_PROGRESS'],
): Promise<boolean> {
  const changed = await db.query(
    `update solution_version set ${assignments}
     where arn = $1 and status = any($${parameters.length + 1}::text[]) returning arn`,
    [...parameters, from],
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
