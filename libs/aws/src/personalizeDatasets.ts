import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import {
  arn,
  datasetType,
  failureReason,
  name,
  nextToken,
  page,
  paging,
  state,
  tags,
  trackingId,
} from './personalizeMembers';

const summary = z.object({ name, datasetArn: arn, datasetType, ...state }).partial();
const updateSummary = z.object({ schemaArn: arn, failureReason, ...state }).partial();
const dataset = summary.extend(
  z.object({ datasetGroupArn: arn, schemaArn: arn, latestDatasetUpdate: updateSummary, trackingId }).partial().shape,
);

export const datasetOperations = {
  CreateDataset: {
    input: z.object({ name, schemaArn: arn, datasetGroupArn: arn, datasetType, tags: tags.optional() }),
    output: z.object({ datasetArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeDataset: {
    input: z.object({ datasetArn: arn }),
    output: z.object({ dataset }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListDatasets: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ datasets: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  UpdateDataset: {
    input: z.object({ datasetArn: arn, schemaArn: arn }),
    output: z.object({ datasetArn: arn }).partial(),
    errors: CHANGE_ERRORS,
  },
  DeleteDataset: { input: z.object({ datasetArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
