import type { SolutionConfig } from '@attune/aws';
import { findDatasetSchema, listDatasets, type Queryable } from '@attune/database';
import { type DatasetGroupName, InvalidInputError } from '@attune/domain';
import { parseDatasetSchema } from './datasetSchema';
import { reservedColumn } from './schemaColumns';

/**
 * Checks which columns a solution shall train without, or with alone: they must be there; those that every training needs
 * can't be left out, and need not be named.
 * @throws InvalidInputError
 */
export async function checkTrainingColumns(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  { excludedDatasetColumns = {}, includedDatasetColumns = {} }: NonNullable<SolutionConfig['trainingDataConfig']>,
): Promise<void> {
  const both = Object.keys(includedDatasetColumns).find((type) => Object.hasOwn(excludedDatasetColumns, type));
  if (both !== undefined) {
    throw new InvalidInputError(
      `trainingDataConfig.includedDatasetColumns and excludedDatasetColumns both name ${both}. Give one of them for each dataset.`,
    );
  }
  const datasets = await listDatasets(db, datasetGroup);
  for (const member of ['excludedDatasetColumns', 'includedDatasetColumns'] as const) {
    const byType = member === 'excludedDatasetColumns' ? excludedDatasetColumns : includedDatasetColumns;
    for (const [type, names] of Object.entries(byType)) {
      const at = `trainingDataConfig.${member}.${type}`;
      const dataset = datasets.find(({ kind }) => kind === type.toLowerCase());
      if (!dataset) {
        const types = datasets.map(({ kind }) => kind.toUpperCase()).join(', ') || 'no datasets yet';
        throw new InvalidInputError(`${at}: the dataset group has no such dataset. It has ${types}.`);
      }
      // A dataset's schema can't be deleted before it.
      const { columns } = parseDatasetSchema((await findDatasetSchema(db, dataset.schemaArn))!.schema);
      for (const name of names) {
        if (!columns.some((column) => column.name === name)) {
          throw new InvalidInputError(
            `${at}: there is no column "${name}". There is ${columns.map((column) => column.name).join(', ')}.`,
          );
        }
        if (member === 'excludedDatasetColumns' && reservedColumn(dataset.kind, name)?.required) {
          throw new InvalidInputError(`${at}: ${name} is needed for training, and can't be left out.`);
        }
      }
    }
  }
}
