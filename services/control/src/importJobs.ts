import type { ControlHandlers } from '@attune/aws';
import type { DatasetJob } from '@attune/database';
import type { ControlParts } from './controlParts';
import { CsvImportError } from './csvProblems';
import {
  datasetOfJob,
  definitionOf,
  finishJob,
  jobState,
  listJobsOnDatasets,
  type RunDatasetJob,
  requireDatasetJob,
  submitDatasetJob,
} from './datasetJob';
import { importFiles } from './importFiles';
import { findCsvFiles, reportProblems, requireLocation, sizeOf } from './jobFiles';
import { requireDataset } from './requireResource';

type Operation = 'CreateDatasetImportJob' | 'DescribeDatasetImportJob' | 'ListDatasetImportJobs';

export function importJobHandlers(parts: ControlParts): Pick<ControlHandlers, Operation> {
  const { scope } = parts;
  return {
    CreateDatasetImportJob: async ({ tags, ...request }) => {
      const dataLocation = requireLocation('dataSource.dataLocation', request.dataSource.dataLocation);
      const datasetImportJobArn = await submitDatasetJob(parts, {
        kind: 'import',
        name: request.jobName,
        tags,
        definition: { importMode: 'FULL', ...request, dataSource: { dataLocation } },
        on: async (transaction) => {
          const { arn: datasetArn, datasetGroup } = await requireDataset(transaction, scope, request.datasetArn);
          return { datasetArn, datasetGroup };
        },
      });
      return { datasetImportJobArn };
    },

    DescribeDatasetImportJob: async ({ datasetImportJobArn }) => {
      const job = await requireDatasetJob(parts, 'import', datasetImportJobArn);
      const { datasetArn, dataSource, roleArn, publishAttributionMetricsToS3 } =
        definitionOf<'CreateDatasetImportJob'>(job);
      const further = { datasetArn, dataSource, roleArn, publishAttributionMetricsToS3 };
      return { datasetImportJob: { ...summary(job), ...further } };
    },

    ListDatasetImportJobs: async (request) => {
      const { items, ...next } = await listJobsOnDatasets(parts, 'import', 'ListDatasetImportJobs', request);
      return { datasetImportJobs: items.map(summary), ...next };
    },
  };
}

function summary(job: DatasetJob) {
  const { importMode } = definitionOf<'CreateDatasetImportJob'>(job);
  return { datasetImportJobArn: job.arn, importMode, ...jobState(job) };
}

/** Imports the files of a job into its dataset, all of them or none. */
export const runImportJob: RunDatasetJob = async (parts, job, report, signal) => {
  const { database, objects, now } = parts;
  const { dataSource, importMode = 'FULL' } = definitionOf<'CreateDatasetImportJob'>(job);
  const location = requireLocation('dataSource.dataLocation', dataSource.dataLocation);
  const files = await findCsvFiles(objects, location);
  const total = await sizeOf(objects, files);
  const { datasetGroup } = job;
  const read = { bytes: 0, rows: 0 };
  const onRead = (bytes: number, records: number) => {
    read.bytes += bytes;
    read.rows += records;
    report({ rows: read.rows, fraction: total === 0 ? 0 : Math.min(1, read.bytes / total) });
  };
  try {
    return await database.transaction(async (transaction) => {
      const { schema } = await datasetOfJob(transaction, job);
      const source = { datasetGroup, schema, files, mode: importMode };
      const rows = await importFiles(transaction, source, { onRead, signal });
      await finishJob(transaction, job, { rows, fraction: 1 }, now());
      return [schema.kind];
    });
  } catch (error) {
    if (!(error instanceof CsvImportError)) throw error;
    throw await reportProblems(objects, location, job.name, error);
  }
};
