import type { SolutionConfig } from '@attune/aws';
import { findDatasetSchema, listDatasets, type Queryable } from '@attune/database';
import { type DatasetGroupName, InvalidInputError } from '@attune/domain';
import { parseDatasetSchema } from './datasetSchema';
import { reservedColumn } from './schemaColumns';

/**
 * Checks which columns a solution shall train without: they must be there, and not those that every training needs.
 * @throws InvalidInputError
 */
export async function checkTrainingColumns(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  { excludedDatasetColumns = {}, includedDatasetColumns }: NonNullable<SolutionConfig['trainingDataConfig']>,
): Promise<void> {
  if (includedDatasetColumns !== undefined) {
    throw new InvalidInputError(
      'trainingDataConfig.includedDatasetColumns has no effect: name the columns to leave out in excludedDatasetColumns.',
    );
  }
  const datasets = await listDatasets(db, datasetGroup);
  for (const [type, excluded] of Object.entries(excludedDatasetColumns)) {
    const at = `trainingDataConfig.excludedDatasetColumns.${type}`;
    const dataset = datasets.find(({ kind }) => kind === type.toLowerCase());
    if (!dataset) {
      const types = datasets.map(({ kind }) => kind.toUpperCase()).join(', ') || 'no datasets yet';
      throw new InvalidInputError(`${at}: the dataset group has no such dataset. It has ${types}.`);
    }
    // A dataset's schema can't be deleted before it.
    const { columns } = parseDatasetSchema((await findDatasetSchema(db, dataset.schemaArn))!.schema);
    for (const name of excluded) {
      if (!columns.some((column) => column.name === name)) {
        throw new InvalidInputError(
          `${at}: there is no column "${name}". There is ${columns.map((column) => column.name).join(', ')}.`,
        );
      }
      if (reservedColumn(dataset.kind, name)?.required) {
        throw new InvalidInputError(`${at}: ${name} is needed for training, and can't be left out.`);
      }
    }
  }
}
