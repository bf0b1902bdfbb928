import { type DatasetGroupName, ResourceAlreadyExistsError, ResourceNotFoundError } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';
import { fromRow, type JsonObject, type NullableRow } from './rows';

/** The members of the request that made a solution, as the API writes them. */
export interface SolutionDefinition extends JsonObject {
  solutionConfig?: JsonObject & {
    /** By name, as text. */
    algorithmHyperParameters?: Readonly<Record<string, string>>;
  };
}

/** A recipe with its settings for one dataset group. */
export interface Solution {
  arn: string;
  /** Unique on a server. */
  name: string;
  datasetGroup: DatasetGroupName;
  recipeArn: string;
  definition: SolutionDefinition;
  /** The latest UpdateSolution, as the API shows it. */
  latestUpdate?: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = `select arn, name, dataset_group as "datasetGroup", recipe_arn as "recipeArn", definition,
  latest_update as "latestUpdate", created_ms as "createdAt", updated_ms as "updatedAt" from solution`;

/** @throws ResourceAlreadyExistsError */
export async function createSolution(
  db: Queryable,
  solution: Omit<Solution, 'latestUpdate' | 'updatedAt'>,
): Promise<void> {
  const created = await db.query(
    `insert into solution (arn, name, dataset_group, recipe_arn, definition, created_ms, updated_ms)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing returning arn`,
    [solution.arn, solution.name, solution.datasetGroup, solution.recipeArn, solution.definition, solution.createdAt],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a solution "${solution.name}" already.`);
}

export async function findSolution(db: Queryable, arn: string): Promise<Solution | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/** The solutions of a dataset group, in order of their creation. */
export function listSolutions(db: Queryable, datasetGroup: DatasetGroupName): Promise<Solution[]> {
  return select(db, 'where dataset_group = $1 order by created_ms, arn', [datasetGroup]);
}

/** A page of all solutions, or of those of one dataset group, in order of their creation. */
export function pageOfSolutions(db: Queryable, datasetGroup: DatasetGroupName | undefined, page: Page) {
  const { sql, parameters } = pageClause({ dataset_group: datasetGroup }, page);
  return select(db, sql, parameters);
}

/**
 * Changes how a solution trains from now on; versions that are there keep the settings they were made with.
 * @throws ResourceNotFoundError
 */
export async function updateSolution(
  db: Queryable,
  arn: string,
  change: { definition: SolutionDefinition; latestUpdate: JsonObject },
  now: number,
): Promise<void> {
  const changed = await db.query(
    'update solution set definition = $2, latest_update = $3, updated_ms = $4 where arn = $1 returning arn',
    [arn, change.definition, change.latestUpdate, now],
  );
  if (changed.length === 0) throw new ResourceNotFoundError(`There is no solution ${arn}.`);
}

/** Deletes a solution and its versions, on which no campaign may be. */
export async function deleteSolution(db: Queryable, arn: string): Promise<void> {
  await db.query('delete from solution_version where solution_arn = $1', [arn]);
  await db.query('delete from solution where arn = $1', [arn]);
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<Solution[]> {
  const rows = await db.query<NullableRow<Solution>>(`${SELECT} ${rest}`, parameters);
  return rows.map((row) => fromRow<Solution>(row));
}
