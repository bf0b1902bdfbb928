import { type DatasetGroupName, ResourceAlreadyExistsError } from '@attune/domain';
import type { Queryable } from './database';

/** A recipe with its settings for one dataset group. */
export interface Solution {
  arn: string;
  /** Unique on a server. */
  name: string;
  datasetGroup: DatasetGroupName;
  recipeArn: string;
  /** By name, as text, as the API carries them. */
  hyperparameters: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const SELECT =
  'select arn, name, dataset_group as "datasetGroup", recipe_arn as "recipeArn", hyperparameters, created_ms as "createdAt" from solution';

/** @throws ResourceAlreadyExistsError */
export async function createSolution(db: Queryable, solution: Solution): Promise<void> {
  const created = await db.query(
    `insert into solution (arn, name, dataset_group, recipe_arn, hyperparameters, created_ms)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning arn`,
    [
      solution.arn,
      solution.name,
      solution.datasetGroup,
      solution.recipeArn,
      solution.hyperparameters,
      solution.createdAt,
    ],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a solution "${solution.name}" already.`);
}

export async function findSolution(db: Queryable, arn: string): Promise<Solution | undefined> {
  return (await db.query<Solution>(`${SELECT} where arn = $1`, [arn]))[0];
}

/** The solutions of a dataset group, in order of their creation. */
export function listSolutions(db: Queryable, datasetGroup: DatasetGroupName): Promise<Solution[]> {
  return db.query<Solution>(`${SELECT} where dataset_group = $1 order by created_ms, name`, [datasetGroup]);
}
