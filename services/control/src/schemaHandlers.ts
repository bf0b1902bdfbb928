import type { ControlHandlers, ControlResponse } from '@attune/aws';
import {
  changeResources,
  createDatasetSchema,
  type DatasetSchema,
  deleteDatasetSchema,
  listDatasetsOfSchema,
  pageOfDatasetSchemas,
} from '@attune/database';
import { InvalidInputError, ResourceInUseError, resourceArn } from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { parseDatasetSchema } from './datasetSchema';
import { listPage } from './listPage';
import { requireSchema } from './requireResource';

type Operation = 'CreateSchema' | 'DescribeSchema' | 'ListSchemas' | 'DeleteSchema';

export function schemaHandlers({ database, scope, now }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    CreateSchema: async ({ name, schema, domain }) => {
      if (domain !== undefined) {
        throw new InvalidInputError(
          `domain is ${domain}. Schemas for a domain are outside of this project: leave it out.`,
        );
      }
      parseDatasetSchema(schema);
      const arn = resourceArn(scope, 'schema', name);
      await changeResources(database, (transaction) =>
        createDatasetSchema(transaction, { arn, name, schema, createdAt: now() }),
      );
      return { schemaArn: arn };
    },

    DescribeSchema: async ({ schemaArn }) => {
      const schema = await requireSchema(database, scope, schemaArn);
      return { schema: { ...summary(schema), schema: schema.schema } };
    },

    ListSchemas: async (request) => {
      const { items, ...next } = await listPage({
        operation: 'ListSchemas',
        request,
        read: (page) => pageOfDatasetSchemas(database, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { schemas: items.map(summary), ...next };
    },

    DeleteSchema: async ({ schemaArn }) => {
      await changeResources(database, async (transaction) => {
        await requireSchema(transaction, scope, schemaArn);
        const users = await listDatasetsOfSchema(transaction, schemaArn);
        if (users.length > 0) {
          const arns = users.map(({ arn }) => arn).join(', ');
          throw new ResourceInUseError(`${schemaArn} is the schema of datasets. Delete them first: ${arns}.`);
        }
        await deleteDatasetSchema(transaction, schemaArn);
      });
      return {};
    },
  };
}

type Summary = NonNullable<ControlResponse<'ListSchemas'>['schemas']>[number];

/** A schema never changes. */
function summary({ arn, name, createdAt }: DatasetSchema): Summary {
  return { name, schemaArn: arn, creationDateTime: createdAt, lastUpdatedDateTime: createdAt };
}
