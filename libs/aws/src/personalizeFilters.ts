import { z } from 'zod';
import { CHANGE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { text } from './members';
import { arn, failureReason, name, nextToken, page, paging, state, tags } from './personalizeMembers';

const filterExpression = text({ min: 1, max: 2500 });
const summary = z.object({ name, filterArn: arn, datasetGroupArn: arn, ...state, failureReason }).partial();

export const filterOperations = {
  CreateFilter: {
    input: z.object({ name, datasetGroupArn: arn, filterExpression, tags: tags.optional() }),
    output: z.object({ filterArn: arn }).partial(),
    errors: [
      'InvalidInputException',
      'ResourceAlreadyExistsException',
      'ResourceNotFoundException',
      'LimitExceededException',
      'TooManyTagsException',
    ],
  },
  DescribeFilter: {
    input: z.object({ filterArn: arn }),
    output: z.object({ filter: summary.extend({ filterExpression: filterExpression.optional() }) }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListFilters: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    // The one list of the API whose name begins with a capital.
    output: z.object({ Filters: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  DeleteFilter: { input: z.object({ filterArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
