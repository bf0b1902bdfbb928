import type { CampaignConfig, ControlHandlers, ControlResponse } from '@attune/aws';
import {
  type Campaign,
  changeResources,
  createCampaign,
  deleteCampaign,
  findCampaign,
  pageOfCampaigns,
  removeAllResourceTags,
  updateCampaign,
} from '@attune/database';
import { type DatasetGroupName, InvalidInputError, resourceArn } from '@attune/domain';
import { checkCampaignConfig } from './campaignConfig';
import { findCampaignTarget } from './campaignTarget';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { requireCampaign, requireSolution } from './requireResource';
import { tagResource } from './resourceTags';

type Operation = 'CreateCampaign' | 'DescribeCampaign' | 'ListCampaigns' | 'UpdateCampaign' | 'DeleteCampaign';

/**
 * Inference reads its campaigns every second; what it serves then is known to no one else. An update counts as done after
 * this time, in milliseconds.
 */
const UPDATE_TAKES_MS = 2_000;

export function campaignHandlers({ database, scope, now }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    CreateCampaign: async ({ name, solutionVersionArn, minProvisionedTPS = 1, campaignConfig = {}, tags }) => {
      checkCampaignConfig(campaignConfig);
      const arn = resourceArn(scope, 'campaign', name);
      await changeResources(database, async (transaction) => {
        const target = await findCampaignTarget(transaction, scope, solutionVersionArn, campaignConfig);
        await createCampaign(transaction, {
          ...target,
          arn,
          name,
          config: campaignConfig,
          minProvisionedTps: minProvisionedTPS,
          createdAt: now(),
        });
        await tagResource(transaction, arn, tags);
      });
      return { campaignArn: arn };
    },

    DescribeCampaign: async ({ campaignArn }) => {
      const campaign = await requireCampaign(database, scope, campaignArn);
      return {
        campaign: {
          ...summary(campaign),
          solutionVersionArn: campaign.solutionVersionArn,
          minProvisionedTPS: campaign.minProvisionedTps,
          campaignConfig: campaign.config,
          latestCampaignUpdate: latestUpdate(campaign, now()),
        },
      };
    },

    ListCampaigns: async (request) => {
      const { solutionArn: within } = request;
      if (within !== undefined) await requireSolution(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListCampaigns',
        within,
        request,
        read: (page) => pageOfCampaigns(database, within, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { campaigns: items.map(summary), ...next };
    },

    UpdateCampaign: async ({ campaignArn, ...change }) => {
      const { solutionVersionArn, minProvisionedTPS, campaignConfig } = change;
      if (Object.values(change).every((member) => member === undefined)) {
        throw new InvalidInputError('Nothing to update: give solutionVersionArn, minProvisionedTPS or campaignConfig.');
      }
      checkCampaignConfig(campaignConfig ?? {});
      await changeResources(database, async (transaction) => {
        const campaign = await requireCampaign(transaction, scope, campaignArn);
        const target =
          solutionVersionArn === undefined
            ? { ...campaign, followsLatest: followsStill(campaign, campaignConfig) }
            : await findCampaignTarget(transaction, scope, solutionVersionArn, campaignConfig ?? {});
        if (target.datasetGroup !== campaign.datasetGroup) {
          throw new InvalidInputError(
            `${solutionVersionArn} belongs to dataset group "${target.datasetGroup}". The campaign belongs to "${campaign.datasetGroup}".`,
          );
        }
        const at = now();
        await updateCampaign(
          transaction,
          campaignArn,
          {
            ...target,
            config: campaignConfig ?? campaign.config,
            minProvisionedTps: minProvisionedTPS ?? campaign.minProvisionedTps,
            latestUpdate: { ...change, solutionVersionArn: target.solutionVersionArn, creationDateTime: at },
          },
          at,
        );
      });
      return { campaignArn };
    },

    DeleteCampaign: async ({ campaignArn }) => {
      await changeResources(database, async (transaction) => {
        await requireCampaign(transaction, scope, campaignArn);
        await deleteCampaign(transaction, campaignArn);
        await removeAllResourceTags(transaction, campaignArn);
      });
      return {};
    },
  };
}

/** Makes sure that there is a campaign of this name, which serves the solution's latest version as soon as there is one. */
export async function ensureCampaign(
  { database, scope, now }: ResourceParts,
  {
    name,
    datasetGroup,
    solutionArn,
    campaignConfig,
  }: { name: string; datasetGroup: DatasetGroupName; solutionArn: string; campaignConfig?: CampaignConfig },
): Promise<string> {
  const arn = resourceArn(scope, 'campaign', name);
  return changeResources(database, async (transaction) => {
    if (!(await findCampaign(transaction, arn))) {
      const config: CampaignConfig = { syncWithLatestSolutionVersion: true, ...campaignConfig };
      await createCampaign(transaction, { arn, name, datasetGroup, solutionArn, config, createdAt: now() });
    }
    return arn;
  });
}

/** @throws InvalidInputError where a campaign on one version should follow the latest, without a word of which solution */
function followsStill({ followsLatest, solutionArn }: Campaign, config: CampaignConfig | undefined): boolean {
  const sync = config?.syncWithLatestSolutionVersion;
  if (sync && !followsLatest) {
    throw new InvalidInputError(
      `syncWithLatestSolutionVersion is true, which needs solutionVersionArn: ${solutionArn}/$LATEST.`,
    );
  }
  return sync ?? followsLatest;
}

type Summary = NonNullable<ControlResponse<'ListCampaigns'>['campaigns']>[number];

function summary({ arn, name, solutionVersionArn, createdAt, updatedAt }: Campaign): Summary {
  return {
    name,
    campaignArn: arn,
    status: solutionVersionArn === undefined ? 'CREATE PENDING' : 'ACTIVE',
    creationDateTime: createdAt,
    lastUpdatedDateTime: updatedAt,
  };
}

type Update = NonNullable<ControlResponse<'DescribeCampaign'>['campaign']>['latestCampaignUpdate'];

function latestUpdate({ latestUpdate: update }: Campaign, now: number): Update {
  if (!update) return undefined;
  const begun = update.creationDateTime as number;
  const doneAt = begun + UPDATE_TAKES_MS;
  return {
    ...update,
    status: now < doneAt ? 'CREATE IN_PROGRESS' : 'ACTIVE',
    lastUpdatedDateTime: now < doneAt ? begun : doneAt,
  };
}
