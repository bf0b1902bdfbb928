import { z } from 'zod';
import { CHANGE_ERRORS, DESCRIBE_ERRORS, LIST_ERRORS } from './controlErrors';
import { text } from './members';
import { arn, failureReason, name, nextToken, page, paging, roleArn, s3DataConfig, state } from './personalizeMembers';

const metricName = text({ max: 256 });
const metrics = z
  .array(z.object({ eventType: text({ max: 256 }), metricName, expression: text({ max: 256 }) }))
  .max(10);
const metricsOutputConfig = z.object({ s3DataDestination: s3DataConfig.optional(), roleArn });

const summary = z.object({ name, metricAttributionArn: arn, ...state, failureReason }).partial();
const metricAttribution = summary.extend(z.object({ datasetGroupArn: arn, metricsOutputConfig }).partial().shape);

export const metricAttributionOperations = {
  CreateMetricAttribution: {
    input: z.object({ name, datasetGroupArn: arn, metrics, metricsOutputConfig }),
    output: z.object({ metricAttributionArn: arn }).partial(),
    errors: [...CHANGE_ERRORS, 'ResourceAlreadyExistsException', 'LimitExceededException'],
  },
  DescribeMetricAttribution: {
    input: z.object({ metricAttributionArn: arn }),
    output: z.object({ metricAttribution }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListMetricAttributions: {
    input: z.object({ datasetGroupArn: arn.optional(), ...paging }),
    output: z.object({ metricAttributions: page(summary), nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  ListMetricAttributionMetrics: {
    input: z.object({ metricAttributionArn: arn.optional(), ...paging }),
    output: z.object({ metrics, nextToken }).partial(),
    errors: LIST_ERRORS,
  },
  UpdateMetricAttribution: {
    input: z.object({
      addMetrics: metrics.optional(),
      removeMetrics: z.array(metricName).max(10).optional(),
      metricsOutputConfig: metricsOutputConfig.optional(),
      metricAttributionArn: arn.optional(),
    }),
    output: z.object({ metricAttributionArn: arn }).partial(),
    errors: [...CHANGE_ERRORS, 'ResourceAlreadyExistsException'],
  },
  DeleteMetricAttribution: {
    input: z.object({ metricAttributionArn: arn }),
    output: z.object({}),
    errors: CHANGE_ERRORS,
  },
} as const;
