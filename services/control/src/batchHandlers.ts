import type { ControlHandlers } from '@attune/aws';
import { InvalidInputError, ResourceNotFoundError, requireArn } from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { requireSolutionVersion } from './requireResource';

type Operation = 'CreateBatchInferenceJob' | 'DescribeBatchInferenceJob' | 'ListBatchInferenceJobs';

/** The place of batch inference: there are no jobs yet, and none can be made. */
export function batchHandlers({ database, scope }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    CreateBatchInferenceJob: async ({ solutionVersionArn }) => {
      await requireSolutionVersion(database, scope, solutionVersionArn);
      throw new InvalidInputError('Batch inference jobs are not there yet: they come in a later version.');
    },
    DescribeBatchInferenceJob: async ({ batchInferenceJobArn: arn }) => {
      requireArn(scope, 'batch-inference-job', arn);
      throw new ResourceNotFoundError(`There is no batch inference job ${arn}.`);
    },
    ListBatchInferenceJobs: async (request) => {
      const { solutionVersionArn: within } = request;
      if (within !== undefined) await requireSolutionVersion(database, scope, within);
      const none = { read: async () => [], keyOf: (key: never) => key };
      await listPage({ operation: 'ListBatchInferenceJobs', within, request, ...none });
      return { batchInferenceJobs: [] };
    },
  };
}
