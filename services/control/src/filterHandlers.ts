import type { ControlHandlers } from '@attune/aws';
import { InvalidInputError, ResourceNotFoundError, requireArn } from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { requireDatasetGroup } from './requireResource';

type Operation = 'CreateFilter' | 'DescribeFilter' | 'ListFilters' | 'DeleteFilter';

/** The place of filters: there are none yet, and none can be made. */
export function filterHandlers({ database, scope }: ResourceParts): Pick<ControlHandlers, Operation> {
  const notFound = (arn: string) => {
    requireArn(scope, 'filter', arn);
    return new ResourceNotFoundError(`There is no filter ${arn}.`);
  };
  return {
    CreateFilter: async ({ datasetGroupArn }) => {
      await requireDatasetGroup(database, scope, datasetGroupArn);
      throw new InvalidInputError('Filters are not there yet: they come in a later version.');
    },
    DescribeFilter: async ({ filterArn }) => {
      throw notFound(filterArn);
    },
    DeleteFilter: async ({ filterArn }) => {
      throw notFound(filterArn);
    },
    ListFilters: async (request) => {
      const { datasetGroupArn: within } = request;
      if (within !== undefined) await requireDatasetGroup(database, scope, within);
      const none = { read: async () => [], keyOf: (key: never) => key };
      await listPage({ operation: 'ListFilters', within, request, ...none });
      return { Filters: [] };
    },
  };
}
