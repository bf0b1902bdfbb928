import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import {
  arn,
  failureReason,
  name,
  nextToken,
  page,
  paging,
  parameters,
  rankingInfluence,
  state,
  tags,
  transactionsPerSecond,
} from './personalizeMembers';

const campaignConfig = z
  .object({
    itemExplorationConfig: parameters,
    enableMetadataWithRecommendations: z.boolean(),
    syncWithLatestSolutionVersion: z.boolean(),
    rankingInfluence,
  })
  .partial();

export type CampaignConfig = z.output<typeof campaignConfig>;

const serving = { solutionVersionArn: arn, minProvisionedTPS: transactionsPerSecond, campaignConfig };
const summary = z.object({ name, campaignArn: arn, ...state, failureReason }).partial();
const updateSummary = z.object({ ...serving, ...state, failureReason }).partial();
const campaign = summary.extend(z.object({ ...serving, latestCampaignUpdate: updateSummary }).partial().shape);

export const campaignOperations = {
  CreateCampaign: {
    input: z.object({
      name,
      solutionVersionArn: arn,
      minProvisionedTPS: transactionsPerSecond.optional(),
      campaignConfig: campaignConfig.optional(),
      tags: tags.optional(),
    }),
    output: z.object({ campaignArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeCampaign: {
    input: z.object({ campaignArn: arn }),
    output: z.object({ campaign }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListCampaigns: {
    input: z.object({ solutionArn: arn.optional(), ...paging }),
    output: z.object({ campaigns: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  UpdateCampaign: {
    input: z.object({
      campaignArn: arn,
      solutionVersionArn: arn.optional(),
      minProvisionedTPS: transactionsPerSecond.optional(),
      campaignConfig: campaignConfig.optional(),
    }),
    output: z.object({ campaignArn: arn }).partial(),
    errors: CHANGE_ERRORS,
  },
  DeleteCampaign: { input: z.object({ campaignArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
