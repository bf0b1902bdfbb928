import type { ControlHandlers, ControlResponse } from '@attune/aws';
import {
  changeDatasetSchema,
  changeResources,
  createDataset,
  type Dataset,
  type DatasetKind,
  type DatasetSchema,
  deleteDataset,
  listUnfinishedWork,
  pageOfDatasets,
  type Queryable,
  removeAllResourceTags,
} from '@attune/database';
import { InvalidInputError, ResourceInUseError, resourceArn } from '@attune/domain';
import type { ControlParts } from './controlParts';
import { parseDatasetSchema } from './datasetSchema';
import { announceLater } from './deletedDatasets';
import { listPage } from './listPage';
import { requireDataset, requireDatasetGroup, requireSchema } from './requireResource';
import { tagResource } from './resourceTags';
import { requireCompatible } from './schemaChange';

type Operation = 'CreateDataset' | 'DescribeDataset' | 'ListDatasets' | 'UpdateDataset' | 'DeleteDataset';

type Parts = Pick<ControlParts, 'database' | 'jobs' | 'scope' | 'now'>;

export function datasetHandlers({ database, jobs, scope, now }: Parts): Pick<ControlHandlers, Operation> {
  return {
    CreateDataset: async ({ name, schemaArn, datasetGroupArn, datasetType, tags }) => {
      const kind = readKind(datasetType);
      const arn = await changeResources(database, async (transaction) => {
        const group = await requireDatasetGroup(transaction, scope, datasetGroupArn);
        requireKind(await requireSchema(transaction, scope, schemaArn), kind);
        const datasetArn = resourceArn(scope, 'dataset', `${group.name}/${kind.toUpperCase()}`);
        const dataset = { arn: datasetArn, name, datasetGroup: group.name, kind, schemaArn, createdAt: now() };
        await createDataset(transaction, dataset);
        await tagResource(transaction, datasetArn, tags);
        return datasetArn;
      });
      return { datasetArn: arn };
    },

    DescribeDataset: async ({ datasetArn }) => {
      const dataset = await requireDataset(database, scope, datasetArn);
      return {
        dataset: {
          ...summary(dataset),
          datasetGroupArn: resourceArn(scope, 'dataset-group', dataset.datasetGroup),
          schemaArn: dataset.schemaArn,
          latestDatasetUpdate: dataset.latestUpdate,
        },
      };
    },

    ListDatasets: async (request) => {
      const { datasetGroupArn: within } = request;
      const group = within === undefined ? undefined : await requireDatasetGroup(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListDatasets',
        within,
        request,
        read: (page) => pageOfDatasets(database, group?.name, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { datasets: items.map(summary), ...next };
    },

    UpdateDataset: async ({ datasetArn, schemaArn }) => {
      await changeResources(database, async (transaction) => {
        const dataset = await requireDataset(transaction, scope, datasetArn);
        const next = await requireSchema(transaction, scope, schemaArn);
        requireKind(next, dataset.kind);
        const present = await requireSchema(transaction, scope, dataset.schemaArn);
        requireCompatible(parseDatasetSchema(present.schema), parseDatasetSchema(next.schema));
        await requireIdle(transaction, dataset, 'given another schema');
        const at = now();
        const update = { schemaArn, status: 'ACTIVE', creationDateTime: at, lastUpdatedDateTime: at };
        await changeDatasetSchema(transaction, datasetArn, schemaArn, update, at);
      });
      return { datasetArn };
    },

    DeleteDataset: async ({ datasetArn }) => {
      await changeResources(database, async (transaction) => {
        const dataset = await requireDataset(transaction, scope, datasetArn);
        await requireIdle(transaction, dataset, 'deleted');
        await deleteDataset(transaction, dataset);
        await removeAllResourceTags(transaction, datasetArn);
        await announceLater({ jobs }, transaction, datasetArn);
      });
      return {};
    },
  };
}

const KINDS: Readonly<Record<string, DatasetKind>> = { INTERACTIONS: 'interactions', ITEMS: 'items', USERS: 'users' };

function readKind(datasetType: string): DatasetKind {
  const kind = KINDS[datasetType.toUpperCase()];
  if (kind) return kind;
  const outside = /^action(s|_interactions)$/i.test(datasetType) ? ' Actions are outside of this project.' : '';
  throw new InvalidInputError(`datasetType is "${datasetType}". Expected Interactions, Items or Users.${outside}`);
}

function requireKind({ arn, schema }: DatasetSchema, kind: DatasetKind): void {
  const given = parseDatasetSchema(schema).kind;
  if (given !== kind) throw new InvalidInputError(`${arn} is a schema for ${given}, and this dataset is of ${kind}.`);
}

async function requireIdle(db: Queryable, { arn, datasetGroup }: Dataset, what: string): Promise<void> {
  const work = await listUnfinishedWork(db, datasetGroup);
  if (work.length > 0) {
    throw new ResourceInUseError(`${arn} can't be ${what} while work on its group goes on: ${work.join(', ')}.`);
  }
}

type Summary = NonNullable<ControlResponse<'ListDatasets'>['datasets']>[number];

function summary({ arn, name, kind, createdAt, updatedAt }: Dataset): Summary {
  return {
    name,
    datasetArn: arn,
    datasetType: kind.toUpperCase(),
    status: 'ACTIVE',
    creationDateTime: createdAt,
    lastUpdatedDateTime: updatedAt,
  };
}
