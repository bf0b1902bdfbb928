import type { CampaignConfig } from '@attune/aws';
import {
  type Campaign,
  latestGoodVersion,
  listSolutionVersions,
  type Queryable,
  type SolutionVersion,
} from '@attune/database';
import { type ArnScope, InvalidInputError, requireArn } from '@attune/domain';
import { requireSolution, requireSolutionVersion } from './requireResource';

/** What a campaign serves, and how it goes on from there. */
export type CampaignTarget = Pick<Campaign, 'datasetGroup' | 'solutionArn' | 'followsLatest'> & {
  solutionVersionArn: string;
};

const LATEST = '/$LATEST';

/**
 * Finds the version that a campaign shall serve: one that the ARN names, or with `SOLUTION-ARN/$LATEST` the latest
 * that was not found worse than the one before it. A campaign on the latest moves on with its solution, unless
 * `syncWithLatestSolutionVersion` is false.
 * @throws InvalidInputError where the version is not ACTIVE, or the two members contradict each other
 * @throws ResourceNotFoundError
 */
export async function findCampaignTarget(
  db: Queryable,
  scope: ArnScope,
  arn: string,
  { syncWithLatestSolutionVersion: sync }: CampaignConfig,
): Promise<CampaignTarget> {
  requireArn(scope, 'solution-version', arn);
  const latest = arn.endsWith(LATEST);
  if (sync && !latest) {
    throw new InvalidInputError(
      `syncWithLatestSolutionVersion is true, and solutionVersionArn names one version. Expected the solution's ARN followed by ${LATEST}.`,
    );
  }
  const version = latest
    ? await latestVersion(db, scope, arn.slice(0, -LATEST.length))
    : await requireSolutionVersion(db, scope, arn);
  if (version.status !== 'ACTIVE') {
    throw new InvalidInputError(`${version.arn} is ${version.status}. A campaign serves versions that are ACTIVE.`);
  }
  const { datasetGroup, solutionArn } = version;
  return { datasetGroup, solutionArn, solutionVersionArn: version.arn, followsLatest: latest && sync !== false };
}

async function latestVersion(db: Queryable, scope: ArnScope, solutionArn: string): Promise<SolutionVersion> {
  await requireSolution(db, scope, solutionArn);
  const latest = await latestGoodVersion(db, solutionArn);
  if (latest) return latest;
  const [newest] = await listSolutionVersions(db, solutionArn);
  throw new InvalidInputError(
    `${solutionArn} has no ACTIVE version${newest ? `: the latest is ${newest.status}` : ', nor any other'}.`,
  );
}
