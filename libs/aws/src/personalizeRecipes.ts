/** What comes with the service: recipes, their algorithms and their feature transformations. */
import { z } from 'zod';
import { DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { text } from './members';
import {
  arn,
  domain,
  name,
  nextToken,
  page,
  paging,
  parameters,
  roleArn,
  state,
  status,
  times,
} from './personalizeMembers';
import { defaultHyperParameterRanges } from './personalizeSolutionConfig';

const summary = z.object({ name, recipeArn: arn, ...state }).partial();
const recipe = summary.extend(
  z
    .object({ algorithmArn: arn, featureTransformationArn: arn, description: text(), recipeType: text({ max: 256 }) })
    .partial().shape,
);

const algorithm = z
  .object({
    name,
    algorithmArn: arn,
    algorithmImage: z.object({ name: name.optional(), dockerURI: text({ max: 256 }) }),
    defaultHyperParameters: parameters,
    defaultHyperParameterRanges,
    defaultResourceConfig: parameters,
    trainingInputMode: text({ max: 256 }),
    roleArn,
    ...times,
  })
  .partial();

const featureTransformation = z
  .object({ name, featureTransformationArn: arn, defaultParameters: parameters, ...times, status })
  .partial();

export const recipeOperations = {
  DescribeRecipe: {
    input: z.object({ recipeArn: arn }),
    output: z.object({ recipe }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListRecipes: {
    input: z.object({
      recipeProvider: z.enum(['SERVICE']).optional(),
      ...paging,
      domain: domain.optional(),
    }),
    output: z.object({ recipes: page(summary.extend({ domain: domain.optional() })), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  DescribeAlgorithm: {
    input: z.object({ algorithmArn: arn }),
    output: z.object({ algorithm }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  DescribeFeatureTransformation: {
    input: z.object({ featureTransformationArn: arn }),
    output: z.object({ featureTransformation }).partial(),
    errors: DESCRIBE_ERRORS,
  },
} as const;
