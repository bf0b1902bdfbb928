/** Jobs on datasets: imports, exports, deletions. */
import { z } from 'zod';
import { CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { integer } from './members';
import {
  arn,
  dataSource,
  failureReason,
  name,
  nextToken,
  page,
  paging,
  roleArn,
  s3DataDestination,
  state,
  tags,
} from './personalizeMembers';

const jobSummary = z.object({ jobName: name, ...state, failureReason }).partial();

const importMode = z.enum(['FULL', 'INCREMENTAL']);
const importSummary = jobSummary.extend(z.object({ datasetImportJobArn: arn, importMode }).partial().shape);
const datasetImportJob = importSummary.extend(
  z.object({ datasetArn: arn, dataSource, roleArn, publishAttributionMetricsToS3: z.boolean() }).partial().shape,
);

const ingestionMode = z.enum(['BULK', 'PUT', 'ALL']);
const exportSummary = jobSummary.extend({ datasetExportJobArn: arn.optional() });
const datasetExportJob = exportSummary.extend(
  z.object({ datasetArn: arn, ingestionMode, roleArn, jobOutput: s3DataDestination }).partial().shape,
);

const deletionSummary = jobSummary.extend(z.object({ dataDeletionJobArn: arn, datasetGroupArn: arn }).partial().shape);
const dataDeletionJob = deletionSummary.extend(
  z.object({ dataSource, roleArn, numDeleted: integer() }).partial().shape,
);

export const datasetJobOperations = {
  CreateDatasetImportJob: {
    input: z.object({
      jobName: name,
      datasetArn: arn,
      dataSource,
      roleArn: roleArn.optional(),
      tags: tags.optional(),
      importMode: importMode.optional(),
      publishAttributionMetricsToS3: z.boolean().optional(),
    }),
    output: z.object({ datasetImportJobArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeDatasetImportJob: {
    input: z.object({ datasetImportJobArn: arn }),
    output: z.object({ datasetImportJob }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListDatasetImportJobs: {
    input: z.object({ datasetArn: arn.optional(), ...paging }),
    output: z.object({ datasetImportJobs: page(importSummary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  CreateDatasetExportJob: {
    input: z.object({
      jobName: name,
      datasetArn: arn,
      ingestionMode: ingestionMode.optional(),
      roleArn,
      jobOutput: s3DataDestination,
      tags: tags.optional(),
    }),
    output: z.object({ datasetExportJobArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeDatasetExportJob: {
    input: z.object({ datasetExportJobArn: arn }),
    output: z.object({ datasetExportJob }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListDatasetExportJobs: {
    input: z.object({ datasetArn: arn.optional(), ...paging }),
    output: z.object({ datasetExportJobs: page(exportSummary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  CreateDataDeletionJob: {
    input: z.object({ jobName: name, datasetGroupArn: arn, dataSource, roleArn, tags: tags.optional() }),
    output: z.object({ dataDeletionJobArn: arn }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeDataDeletionJob: {
    input: z.object({ dataDeletionJobArn: arn }),
    output: z.object({ dataDeletionJob }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListDataDeletionJobs: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ dataDeletionJobs: page(deletionSummary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
} as const;
