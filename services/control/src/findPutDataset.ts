import { type DatasetKind, findDatasetSchema, type Queryable } from '@attune/database';
import type { ArnScope, DatasetGroupName } from '@attune/domain';
import { parseDatasetSchema } from './datasetSchema';
import { requireDataset } from './requireResource';
import type { SchemaColumn } from './schemaColumns';

/** A dataset as PutItems and PutUsers see it. */
export interface PutDataset {
  datasetGroup: DatasetGroupName;
  kind: DatasetKind;
  columns: readonly SchemaColumn[];
}

/**
 * Finds a dataset with its columns.
 * @throws InvalidInputError where the ARN can't name a dataset of this server
 * @throws ResourceNotFoundError where there is none
 */
export async function findPutDataset(db: Queryable, scope: ArnScope, datasetArn: string): Promise<PutDataset> {
  const { datasetGroup, kind, schemaArn } = await requireDataset(db, scope, datasetArn);
  // A dataset refers to its schema: it is there.
  const { schema } = (await findDatasetSchema(db, schemaArn))!;
  return { datasetGroup, kind, columns: parseDatasetSchema(schema).columns };
}
