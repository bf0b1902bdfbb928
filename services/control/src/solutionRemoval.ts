import {
  changeResources,
  deleteSolution,
  listCampaignsOfSolution,
  listSolutionVersions,
  type Queryable,
  removeAllResourceTags,
  type SolutionVersion,
} from '@attune/database';
import { ResourceInUseError } from '@attune/domain';
import type { ControlParts } from './controlParts';
import { requireSolution } from './requireResource';

type Parts = Pick<ControlParts, 'database' | 'objects' | 'scope' | 'logger'>;

/**
 * Removes a solution with its versions and their models.
 * @throws ResourceInUseError naming its campaigns and its trainings that go on
 */
export async function removeSolution(parts: Parts, solutionArn: string): Promise<void> {
  const versions = await changeResources(parts.database, async (transaction) => {
    await requireSolution(transaction, parts.scope, solutionArn);
    const present = await listSolutionVersions(transaction, solutionArn);
    await requireUnused(transaction, solutionArn, present);
    await deleteSolution(transaction, solutionArn);
    await removeAllResourceTags(transaction, solutionArn);
    return present;
  });
  await removeArtifacts(parts, versions);
}

async function requireUnused(db: Queryable, solutionArn: string, versions: readonly SolutionVersion[]): Promise<void> {
  const campaigns = await listCampaignsOfSolution(db, solutionArn);
  const trainings = versions.filter(({ status }) => /PENDING|IN_PROGRESS|STOPPING/.test(status));
  const users = [...campaigns, ...trainings].map(({ arn }) => arn);
  if (users.length > 0) {
    throw new ResourceInUseError(
      `${solutionArn} is in use. Delete its campaigns and stop its trainings first: ${users.join(', ')}.`,
    );
  }
}

/** No campaign serves them any more. What an object store that is away keeps takes up space, and does no harm. */
async function removeArtifacts({ objects, logger }: Parts, versions: readonly SolutionVersion[]): Promise<void> {
  for (const { arn, artifactUri } of versions) {
    if (artifactUri === undefined) continue;
    try {
      for (const uri of await objects.list(`${artifactUri}/`)) await objects.delete(uri);
    } catch (error) {
      logger.warn({ err: error, solutionVersion: arn, artifactUri }, 'artifact of a deleted version not removed');
    }
  }
}
