import type { Bus, Subscription } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { createCampaign, findCampaign, findSolutionVersion, listCampaigns, pointCampaign } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import { resourceArn } from '@attune/domain';
import type { Logger } from '@attune/service';
import type { ControlParts } from './controlParts';

/** Makes sure that there is a campaign of this name that serves the solution's latest version. @returns its ARN */
export async function ensureCampaign(
  { database, scope, now }: ControlParts,
  { name, datasetGroup, solutionArn }: { name: string; datasetGroup: DatasetGroupName; solutionArn: string },
): Promise<string> {
  const arn = resourceArn(scope, 'campaign', name);
  if (await findCampaign(database, arn)) return arn;
  await createCampaign(database, { arn, name, datasetGroup, solutionArn, settings: {}, createdAt: now() });
  return arn;
}

/** Writes down which version each campaign serves, as trainings finish. */
export async function followModels({
  bus,
  database,
  now,
  logger,
}: {
  bus: Bus;
  database: Database;
  now(): number;
  logger: Logger;
}): Promise<Subscription> {
  return bus.subscribe(topics.models, {
    group: 'control',
    onBatch: async ({ messages }) => {
      for (const { value } of messages) {
        const version = await findSolutionVersion(database, value.solutionVersionArn);
        const campaigns = await listCampaigns(database, value.datasetGroup);
        for (const campaign of campaigns.filter(({ solutionArn }) => solutionArn === version?.solutionArn)) {
          await pointCampaign(database, campaign.arn, value.solutionVersionArn, now());
          logger.info({ campaign: campaign.arn, solutionVersion: value.solutionVersionArn }, 'campaign updated');
        }
      }
    },
  });
}
