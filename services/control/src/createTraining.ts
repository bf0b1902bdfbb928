import { randomBytes } from 'node:crypto';
import {
  createSolutionVersion,
  latestGoodVersion,
  type Queryable,
  type Solution,
  type SolutionVersion,
} from '@attune/database';
import { InvalidInputError } from '@attune/domain';
import type { ControlParts } from './controlParts';

export interface NewTraining {
  solution: Solution;
  trainingMode: SolutionVersion['trainingMode'];
  trainingType: SolutionVersion['trainingType'];
  name?: string | undefined;
}

/**
 * Creates a solution version and queues its training: both or neither, when the transaction ends.
 * @returns its ARN: the solution's and eight hexadecimal digits
 * @throws InvalidInputError for an update where no version is ACTIVE
 * @throws ResourceAlreadyExistsError for an automatic training where one waits or goes on
 */
export async function createTraining(
  { jobs, now }: Pick<ControlParts, 'jobs' | 'now'>,
  transaction: Queryable,
  { solution, trainingMode, trainingType, name }: NewTraining,
): Promise<string> {
  const base = trainingMode === 'UPDATE' ? await requireBase(transaction, solution) : undefined;
  const arn = `${solution.arn}/${randomBytes(4).toString('hex')}`;
  await createSolutionVersion(transaction, {
    arn,
    ...(name !== undefined && { name }),
    solutionArn: solution.arn,
    datasetGroup: solution.datasetGroup,
    trainingType,
    ...(base && { base }),
    definition: solution.definition,
    createdAt: now(),
  });
  await jobs.send('training', { arn }, { transaction });
  return arn;
}

async function requireBase(db: Queryable, { arn }: Solution): Promise<SolutionVersion> {
  const base = await latestGoodVersion(db, arn);
  if (base) return base;
  throw new InvalidInputError(
    `trainingMode is UPDATE, and ${arn} has no ACTIVE version to update. Create one with trainingMode FULL first.`,
  );
}
