import { z } from 'zod';
import { CHANGE_ERRORS, CREATE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { text } from './members';
import { arn, name, nextToken, page, paging, state, tags, trackingId } from './personalizeMembers';

const summary = z.object({ name, eventTrackerArn: arn, ...state }).partial();
const eventTracker = summary.extend(
  z.object({ accountId: text({ max: 256 }), trackingId, datasetGroupArn: arn }).partial().shape,
);

export const eventTrackerOperations = {
  CreateEventTracker: {
    input: z.object({ name, datasetGroupArn: arn, tags: tags.optional() }),
    output: z.object({ eventTrackerArn: arn, trackingId }).partial(),
    errors: CREATE_ERRORS,
  },
  DescribeEventTracker: {
    input: z.object({ eventTrackerArn: arn }),
    output: z.object({ eventTracker }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListEventTrackers: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ eventTrackers: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  DeleteEventTracker: { input: z.object({ eventTrackerArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
