import {
  type Campaign,
  changeResources,
  explainNotDeployed,
  findSolutionVersion,
  listCampaignsOfSolution,
  pointCampaign,
  type Queryable,
  type SolutionVersion,
} from '@attune/database';
import type { Logger } from '@attune/service';
import type { ControlMetrics } from './controlMetrics';
import type { ControlParts } from './controlParts';
import { findDecline } from './modelDecline';

type Parts = Pick<ControlParts, 'database' | 'now' | 'logger'> & { metrics: Pick<ControlMetrics, 'deployments'> };

/** What becomes of a campaign when a version of its solution is ACTIVE. */
type Decision = { outcome: 'moved' | 'not_its_line' | 'serves_it' | 'older' } | { outcome: 'worse'; reason: string };

/**
 * Moves the campaigns of a solution to a new version, by the rule of docs/decisions/0014: those that follow the latest,
 * and those on a version of the same line where it is an automatic update; none where it is clearly worse than what they
 * serve. Doing it again changes nothing.
 */
export async function deployVersion({ database, now, logger, metrics }: Parts, versionArn: string): Promise<void> {
  const decisions = await changeResources(database, async (transaction) => {
    const version = await findSolutionVersion(transaction, versionArn);
    if (version?.status !== 'ACTIVE') return [];
    const campaigns = await listCampaignsOfSolution(transaction, version.solutionArn);
    const made: { campaign: Campaign; decision: Decision }[] = [];
    for (const campaign of campaigns) {
      const decision = await decide(transaction, campaign, version);
      if (decision.outcome === 'moved') await pointCampaign(transaction, campaign.arn, version.arn, now());
      if (decision.outcome === 'worse') await explainNotDeployed(transaction, version.arn, decision.reason);
      made.push({ campaign, decision });
    }
    return made;
  });
  for (const { campaign, decision } of decisions) {
    metrics.deployments.inc({ outcome: decision.outcome });
    log(logger, campaign, versionArn, decision);
  }
}

async function decide(db: Queryable, campaign: Campaign, version: SolutionVersion): Promise<Decision> {
  const { solutionVersionArn: servedArn } = campaign;
  if (servedArn === undefined) return { outcome: 'moved' };
  if (servedArn === version.arn) return { outcome: 'serves_it' };
  const served = await findSolutionVersion(db, servedArn);
  if (served && !isLater(version, served)) return { outcome: 'older' };
  const isUpdateOfItsLine =
    version.trainingMode === 'UPDATE' && version.trainingType === 'AUTOMATIC' && version.fullArn === served?.fullArn;
  if (!campaign.followsLatest && !isUpdateOfItsLine) return { outcome: 'not_its_line' };
  const decline = findDecline(version, servedArn);
  if (decline === undefined) return { outcome: 'moved' };
  return {
    outcome: 'worse',
    reason: `${decline} ${campaign.arn} goes on with ${servedArn}. UpdateCampaign deploys it all the same.`,
  };
}

/** A notice may come again, after later ones. */
function isLater(version: SolutionVersion, served: SolutionVersion): boolean {
  return version.createdAt > served.createdAt || (version.createdAt === served.createdAt && version.arn > served.arn);
}

function log(
  logger: Logger,
  { arn: campaign, solutionVersionArn: served }: Campaign,
  version: string,
  decision: Decision,
) {
  const facts = { campaign, solutionVersion: version, served };
  if (decision.outcome === 'worse') logger.warn({ ...facts, reason: decision.reason }, 'version not deployed');
  else if (decision.outcome === 'moved') logger.info(facts, 'campaign moved to a new version');
  else logger.info({ ...facts, why: decision.outcome }, 'campaign stays');
}
