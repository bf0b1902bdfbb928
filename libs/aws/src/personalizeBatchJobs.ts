/** Batch inference and batch segments. */
import { z } from 'zod';
import { CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { integer } from './members';
import {
  arn,
  columnName,
  failureReason,
  name,
  nextToken,
  page,
  paging,
  parameters,
  rankingInfluence,
  roleArn,
  s3DataDestination,
  s3DataSource,
  state,
  tags,
} from './personalizeMembers';

const numResults = integer();
const batchInferenceJobMode = z.enum(['BATCH_INFERENCE', 'THEME_GENERATION']);
const batchInferenceJobConfig = z.object({ itemExplorationConfig: parameters, rankingInfluence }).partial();
const themeGenerationConfig = z.object({ fieldsForThemeGeneration: z.object({ itemName: columnName }) });

const jobInput = {
  jobName: name,
  solutionVersionArn: arn,
  filterArn: arn.optional(),
  numResults: numResults.optional(),
  jobInput: s3DataSource,
  jobOutput: s3DataDestination,
  roleArn,
  tags: tags.optional(),
};

const jobSummary = z.object({ jobName: name, ...state, failureReason, solutionVersionArn: arn }).partial();
const job = z
  .object({ filterArn: arn, numResults, jobInput: s3DataSource, jobOutput: s3DataDestination, roleArn })
  .partial();

const inferenceSummary = jobSummary.extend(
  z.object({ batchInferenceJobArn: arn, batchInferenceJobMode }).partial().shape,
);
const segmentSummary = jobSummary.extend({ batchSegmentJobArn: arn.optional() });

const batchInferenceJob = inferenceSummary
  .extend(job.shape)
  .extend(z.object({ batchInferenceJobConfig, themeGenerationConfig }).partial().shape);

export const batchJobOperations = {
  CreateBatchInferenceJob: {
    input: z.object({
      ...jobInput,
      batchInferenceJobConfig: batchInferenceJobConfig.optional(),
      batchInferenceJobMode: batchInferenceJobMode.optional(),
      themeGenerationConfig: themeGenerationConfig.optional(),
    }),
    output: z.object({ batchInferenceJobArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeBatchInferenceJob: {
    input: z.object({ batchInferenceJobArn: arn }),
    output: z.object({ batchInferenceJob }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListBatchInferenceJobs: {
    input: z.object({ solutionVersionArn: arn.optional(), ...paging }),
    output: z.object({ batchInferenceJobs: page(inferenceSummary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  CreateBatchSegmentJob: {
    input: z.object(jobInput),
    output: z.object({ batchSegmentJobArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeBatchSegmentJob: {
    input: z.object({ batchSegmentJobArn: arn }),
    output: z.object({ batchSegmentJob: segmentSummary.extend(job.shape) }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListBatchSegmentJobs: {
    input: z.object({ solutionVersionArn: arn.optional(), ...paging }),
    output: z.object({ batchSegmentJobs: page(segmentSummary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
} as const;
