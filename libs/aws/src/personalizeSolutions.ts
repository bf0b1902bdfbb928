import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { arn, failureReason, name, nextToken, page, paging, state, tags } from './personalizeMembers';
import { autoTrainingConfig, eventsConfig, eventType, solutionConfig } from './personalizeSolutionConfig';
import { solutionVersionSummary } from './personalizeSolutionVersions';

const automation = { performAutoTraining: z.boolean(), performIncrementalUpdate: z.boolean() };
const solutionUpdateConfig = z.object({ autoTrainingConfig, eventsConfig }).partial();
const updateSummary = z.object({ solutionUpdateConfig, ...automation, ...state, failureReason }).partial();
const summary = z.object({ name, solutionArn: arn, ...state, recipeArn: arn }).partial();

const solution = summary.extend(
  z
    .object({
      performHPO: z.boolean(),
      performAutoML: z.boolean(),
      ...automation,
      datasetGroupArn: arn,
      eventType,
      solutionConfig,
      autoMLResult: z.object({ bestRecipeArn: arn }).partial(),
      latestSolutionVersion: solutionVersionSummary,
      latestSolutionUpdate: updateSummary,
    })
    .partial().shape,
);

export const solutionOperations = {
  CreateSolution: {
    input: z.object({
      name,
      performHPO: z.boolean().optional(),
      performAutoML: z.boolean().optional(),
      performAutoTraining: z.boolean().optional(),
      performIncrementalUpdate: z.boolean().optional(),
      recipeArn: arn.optional(),
      datasetGroupArn: arn,
      eventType: eventType.optional(),
      solutionConfig: solutionConfig.optional(),
      tags: tags.optional(),
    }),
    output: z.object({ solutionArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeSolution: {
    input: z.object({ solutionArn: arn }),
    output: z.object({ solution }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListSolutions: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ solutions: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  UpdateSolution: {
    input: z.object({
      solutionArn: arn,
      performAutoTraining: z.boolean().optional(),
      performIncrementalUpdate: z.boolean().optional(),
      solutionUpdateConfig: solutionUpdateConfig.optional(),
    }),
    output: z.object({ solutionArn: arn }).partial(),
    errors: [...CHANGE_ERRORS, 'LimitExceededException'],
  },
  DeleteSolution: { input: z.object({ solutionArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
