import { randomBytes } from 'node:crypto';
import { createSolution, createSolutionVersion, findSolution } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { recipeArn, resourceArn } from '@attune/domain';
import type { ControlParts } from './controlParts';

/** The recipe of every solution, so far. */
export const USER_PERSONALIZATION = recipeArn('aws-user-personalization');

/** Makes sure that there is a solution of this name. @returns its ARN */
export async function ensureSolution(
  { database, scope, now }: ControlParts,
  { name, datasetGroup }: { name: string; datasetGroup: DatasetGroupName },
): Promise<string> {
  const arn = resourceArn(scope, 'solution', name);
  if (await findSolution(database, arn)) return arn;
  await createSolution(database, {
    arn,
    name,
    datasetGroup,
    recipeArn: USER_PERSONALIZATION,
    hyperparameters: {},
    createdAt: now(),
  });
  return arn;
}

/** Queues a training of a solution. @returns the ARN of the new version: the solution's and eight hexadecimal digits */
export async function startSolutionVersion(
  { database, now }: ControlParts,
  { solutionArn, datasetGroup }: { solutionArn: string; datasetGroup: DatasetGroupName },
): Promise<string> {
  const arn = `${solutionArn}/${randomBytes(4).toString('hex')}`;
  await createSolutionVersion(database, { arn, solutionArn, datasetGroup, createdAt: now() });
  return arn;
}
