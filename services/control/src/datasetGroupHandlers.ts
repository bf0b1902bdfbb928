import type { ControlHandlers, ControlResponse } from '@attune/aws';
import {
  changeResources,
  createDatasetGroup,
  type DatasetGroup,
  deleteDatasetGroup,
  listDatasets,
  listEventTrackers,
  listSolutions,
  pageOfDatasetGroups,
  type Queryable,
  removeAllResourceTags,
} from '@attune/database';
import { type ArnScope, datasetGroupName, InvalidInputError, ResourceInUseError, resourceArn } from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { requireDatasetGroup } from './requireResource';
import { tagResource } from './resourceTags';

type Operation = 'CreateDatasetGroup' | 'DescribeDatasetGroup' | 'ListDatasetGroups' | 'DeleteDatasetGroup';

export function datasetGroupHandlers({ database, scope, now }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    CreateDatasetGroup: async ({ name, domain, tags, ...definition }) => {
      if (domain !== undefined) {
        throw new InvalidInputError(
          `domain is ${domain}. Dataset groups for a domain, with their recommenders, are outside of this project: leave domain out, and create solutions and campaigns.`,
        );
      }
      const arn = resourceArn(scope, 'dataset-group', name);
      await changeResources(database, async (transaction) => {
        await createDatasetGroup(transaction, { name: datasetGroupName(name), definition, createdAt: now() });
        await tagResource(transaction, arn, tags);
      });
      return { datasetGroupArn: arn };
    },

    DescribeDatasetGroup: async ({ datasetGroupArn }) => {
      const group = await requireDatasetGroup(database, scope, datasetGroupArn);
      return { datasetGroup: { ...group.definition, ...summary(scope, group) } };
    },

    ListDatasetGroups: async (request) => {
      const { items, ...next } = await listPage({
        operation: 'ListDatasetGroups',
        request,
        read: (page) => pageOfDatasetGroups(database, page),
        keyOf: ({ name, createdAt }) => ({ id: name, createdAt }),
      });
      return { datasetGroups: items.map((group) => summary(scope, group)), ...next };
    },

    DeleteDatasetGroup: async ({ datasetGroupArn }) => {
      await changeResources(database, async (transaction) => {
        const group = await requireDatasetGroup(transaction, scope, datasetGroupArn);
        await requireEmpty(transaction, scope, group);
        await deleteDatasetGroup(transaction, group.name);
        await removeAllResourceTags(transaction, datasetGroupArn);
      });
      return {};
    },
  };
}

type Summary = NonNullable<ControlResponse<'ListDatasetGroups'>['datasetGroups']>[number];

function summary(scope: ArnScope, { name, createdAt, updatedAt }: DatasetGroup): Summary {
  return {
    name,
    datasetGroupArn: resourceArn(scope, 'dataset-group', name),
    status: 'ACTIVE',
    creationDateTime: createdAt,
    lastUpdatedDateTime: updatedAt,
  };
}

async function requireEmpty(db: Queryable, scope: ArnScope, { name }: DatasetGroup): Promise<void> {
  const left = [
    ...(await listEventTrackers(db, name)).map((tracker) => resourceArn(scope, 'event-tracker', tracker.name)),
    ...(await listSolutions(db, name)).map(({ arn }) => arn),
    ...(await listDatasets(db, name)).map(({ arn }) => arn),
  ];
  if (left.length > 0) {
    throw new ResourceInUseError(`Dataset group "${name}" is not empty. Delete first: ${left.join(', ')}.`);
  }
}
