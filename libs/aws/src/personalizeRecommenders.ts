import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import {
  arn,
  failureReason,
  metrics,
  name,
  nextToken,
  page,
  paging,
  parameters,
  state,
  tags,
  trainingDataConfig,
  transactionsPerSecond,
} from './personalizeMembers';

const recommenderConfig = z
  .object({
    itemExplorationConfig: parameters,
    minRecommendationRequestsPerSecond: transactionsPerSecond,
    trainingDataConfig,
    enableMetadataWithRecommendations: z.boolean(),
  })
  .partial();

const summary = z
  .object({ name, recommenderArn: arn, datasetGroupArn: arn, recipeArn: arn, recommenderConfig, ...state })
  .partial();
const updateSummary = z.object({ recommenderConfig, ...state, failureReason }).partial();
const recommender = summary.extend(
  z.object({ failureReason, latestRecommenderUpdate: updateSummary, modelMetrics: metrics }).partial().shape,
);

const byArn = z.object({ recommenderArn: arn });
const onlyArn = byArn.partial();

export const recommenderOperations = {
  CreateRecommender: {
    input: z.object({
      name,
      datasetGroupArn: arn,
      recipeArn: arn,
      recommenderConfig: recommenderConfig.optional(),
      tags: tags.optional(),
    }),
    output: onlyArn,
    errors: CREATE_ERRORS,
  },
  DescribeRecommender: { input: byArn, output: z.object({ recommender }).partial(), errors: DESCRIBE_ERRORS },
  ListRecommenders: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ recommenders: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  UpdateRecommender: { input: byArn.extend({ recommenderConfig }), output: onlyArn, errors: CHANGE_ERRORS },
  StartRecommender: { input: byArn, output: onlyArn, errors: CHANGE_ERRORS },
  StopRecommender: { input: byArn, output: onlyArn, errors: CHANGE_ERRORS },
  DeleteRecommender: { input: byArn, output: z.object({}), errors: CHANGE_ERRORS },
} as const;
