import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS } from './controlErrors';
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
} from './personalizeMembers';
import { eventType, solutionConfig } from './personalizeSolutionConfig';

const trainingMode = z.enum(['FULL', 'UPDATE', 'AUTOTRAIN']);
const trainingType = z.enum(['AUTOMATIC', 'MANUAL']);

export const solutionVersionSummary = z
  .object({ solutionVersionArn: arn, trainingMode, trainingType, ...state, failureReason })
  .partial();

const solutionVersion = solutionVersionSummary.extend(
  z
    .object({
      name,
      solutionArn: arn,
      performHPO: z.boolean(),
      performAutoML: z.boolean(),
      performIncrementalUpdate: z.boolean(),
      recipeArn: arn,
      eventType,
      datasetGroupArn: arn,
      solutionConfig,
      trainingHours: z.number().min(0),
      tunedHPOParams: z.object({ algorithmHyperParameters: parameters }).partial(),
    })
    .partial().shape,
);

export const solutionVersionOperations = {
  CreateSolutionVersion: {
    input: z.object({
      name: name.optional(),
      solutionArn: arn,
      trainingMode: trainingMode.optional(),
      tags: tags.optional(),
    }),
    output: z.object({ solutionVersionArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeSolutionVersion: {
    input: z.object({ solutionVersionArn: arn }),
    output: z.object({ solutionVersion }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListSolutionVersions: {
    input: z.object({ solutionArn: arn.optional(), ...paging }),
    output: z.object({ solutionVersions: page(solutionVersionSummary), nextToken }).partial(),
    errors: [...DESCRIBE_ERRORS, 'InvalidNextTokenException'],
  },
  StopSolutionVersionCreation: {
    input: z.object({ solutionVersionArn: arn }),
    output: z.object({}),
    errors: CHANGE_ERRORS,
  },
  GetSolutionMetrics: {
    input: z.object({ solutionVersionArn: arn }),
    output: z.object({ solutionVersionArn: arn, metrics }).partial(),
    errors: CHANGE_ERRORS,
  },
} as const;
