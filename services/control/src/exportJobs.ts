import type { ControlHandlers } from '@attune/aws';
import { type DatasetJob, streamDataset } from '@attune/database';
import type { ControlParts } from './controlParts';
import { csvLines } from './csvLines';
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
import { requireLocation } from './jobFiles';
import { requireDataset } from './requireResource';

type Operation = 'CreateDatasetExportJob' | 'DescribeDatasetExportJob' | 'ListDatasetExportJobs';

/** Rows per file: some 5 MB, so that neither side ever holds a dataset whole. */
const ROWS_PER_FILE = 100_000;

export function exportJobHandlers(parts: ControlParts): Pick<ControlHandlers, Operation> {
  const { scope } = parts;
  return {
    CreateDatasetExportJob: async ({ tags, ...request }) => {
      requireLocation('jobOutput.s3DataDestination.path', request.jobOutput.s3DataDestination.path);
      const datasetExportJobArn = await submitDatasetJob(parts, {
        kind: 'export',
        name: request.jobName,
        tags,
        definition: { ingestionMode: 'ALL', ...request },
        on: async (transaction) => {
          const { arn: datasetArn, datasetGroup } = await requireDataset(transaction, scope, request.datasetArn);
          return { datasetArn, datasetGroup };
        },
      });
      return { datasetExportJobArn };
    },

    DescribeDatasetExportJob: async ({ datasetExportJobArn }) => {
      const job = await requireDatasetJob(parts, 'export', datasetExportJobArn);
      const { datasetArn, ingestionMode, roleArn, jobOutput } = definitionOf<'CreateDatasetExportJob'>(job);
      return { datasetExportJob: { ...summary(job), datasetArn, ingestionMode, roleArn, jobOutput } };
    },

    ListDatasetExportJobs: async (request) => {
      const { items, ...next } = await listJobsOnDatasets(parts, 'export', 'ListDatasetExportJobs', request);
      return { datasetExportJobs: items.map(summary), ...next };
    },
  };
}

function summary(job: DatasetJob) {
  return { datasetExportJobArn: job.arn, ...jobState(job) };
}

/**
 * Writes a dataset to `PATH/JOB-NAME/part-00001.csv` and so on, as it is at one moment. Each file has the header, so that the
 * folder can be imported again.
 */
export const runExportJob: RunDatasetJob = async ({ database, objects, now }, job, report, signal) => {
  const { ingestionMode = 'ALL', jobOutput } = definitionOf<'CreateDatasetExportJob'>(job);
  const { dataset, schema } = await datasetOfJob(database, job);
  const toCsv = csvLines(schema);
  const folder = `${jobOutput.s3DataDestination.path.replace(/\/+$/, '')}/${job.name}`;
  // What a worker that died has left may be more than is written now.
  for (const uri of await objects.list(`${folder}/part-`)) await objects.delete(uri);
  let files = 0;
  let rows = 0;
  const batches = streamDataset(database, dataset.kind, dataset.datasetGroup, ingestionMode, ROWS_PER_FILE);
  for await (const batch of batches) {
    signal.throwIfAborted();
    await objects.put(partOf(folder, ++files), toCsv(batch));
    rows += batch.length;
    report({ rows, files });
  }
  if (files === 0) await objects.put(partOf(folder, ++files), toCsv([]));
  await finishJob(database, job, { rows, files }, now());
  return [];
};

function partOf(folder: string, number: number): string {
  return `${folder}/part-${String(number).padStart(5, '0')}.csv`;
}
