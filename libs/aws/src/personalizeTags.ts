import { z } from 'zod';
import { CHANGE_ERRORS } from './controlErrors';
import { arn, tagKeys, tags } from './personalizeMembers';

export const tagOperations = {
  TagResource: {
    input: z.object({ resourceArn: arn, tags }),
    output: z.object({}),
    errors: [...CHANGE_ERRORS, 'TooManyTagsException', 'LimitExceededException'],
  },
  UntagResource: {
    input: z.object({ resourceArn: arn, tagKeys }),
    output: z.object({}),
    errors: [...CHANGE_ERRORS, 'TooManyTagKeysException'],
  },
  ListTagsForResource: {
    input: z.object({ resourceArn: arn }),
    output: z.object({ tags }).partial(),
    errors: CHANGE_ERRORS,
  },
} as const;
