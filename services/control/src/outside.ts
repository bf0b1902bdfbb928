import type { ControlHandlers } from '@attune/aws';
import { InvalidInputError } from '@attune/domain';

/** What the API has beyond this project, by the subject that a refusal names, with what to use instead. */
const OUTSIDE = {
  'Recommenders for domain dataset groups are outside of this project. Use a solution and a campaign.': [
    'CreateRecommender',
    'DescribeRecommender',
    'ListRecommenders',
    'UpdateRecommender',
    'StartRecommender',
    'StopRecommender',
    'DeleteRecommender',
  ],
  'Metric attributions are outside of this project.': [
    'CreateMetricAttribution',
    'DescribeMetricAttribution',
    'ListMetricAttributions',
    'ListMetricAttributionMetrics',
    'UpdateMetricAttribution',
    'DeleteMetricAttribution',
  ],
  'Batch segment jobs are outside of this project.': [
    'CreateBatchSegmentJob',
    'DescribeBatchSegmentJob',
    'ListBatchSegmentJobs',
  ],
} as const satisfies Record<string, readonly (keyof ControlHandlers)[]>;

type OutsideOperation = (typeof OUTSIDE)[keyof typeof OUTSIDE][number];

/** Refuses, with a reason, every operation that is outside of this project. */
export function outsideHandlers(): Pick<ControlHandlers, OutsideOperation> {
  const entries = Object.entries(OUTSIDE).flatMap(([reason, operations]) =>
    operations.map((operation) => {
      const refuse = async () => {
        throw new InvalidInputError(`${operation}: ${reason}`);
      };
      return [operation, refuse];
    }),
  );
  return Object.fromEntries(entries) as Pick<ControlHandlers, OutsideOperation>;
}
