import { z } from 'zod';
import { CHANGE_ERRORS, DESCRIBE_ERRORS } from './controlErrors';
import {
  arn,
  domain,
  failureReason,
  kmsKeyArn,
  name,
  nextToken,
  page,
  paging,
  roleArn,
  state,
  tags,
} from './personalizeMembers';

const summary = z.object({ name, datasetGroupArn: arn, ...state, failureReason, domain }).partial();
const datasetGroup = summary.extend({ roleArn: roleArn.optional(), kmsKeyArn: kmsKeyArn.optional() });

export const datasetGroupOperations = {
  CreateDatasetGroup: {
    input: z.object({
      name,
      roleArn: roleArn.optional(),
      kmsKeyArn: kmsKeyArn.optional(),
      domain: domain.optional(),
      tags: tags.optional(),
    }),
    output: z.object({ datasetGroupArn: arn, domain }).partial(),
    errors: [
      'InvalidInputException',
      'ResourceAlreadyExistsException',
      'LimitExceededException',
      'TooManyTagsException',
    ],
  },
  DescribeDatasetGroup: {
    input: z.object({ datasetGroupArn: arn }),
    output: z.object({ datasetGroup }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListDatasetGroups: {
    input: z.object(paging),
    output: z.object({ datasetGroups: page(summary), nextToken }).partial(),
    errors: ['InvalidNextTokenException'],
  },
  DeleteDatasetGroup: { input: z.object({ datasetGroupArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
