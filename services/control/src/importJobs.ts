import type { ControlHandlers } from '@attune/aws';
import { type DatasetJob, findDataset, findDatasetSchema, pageOfDatasetJobs, type Queryable } from '@attune/database';
import { ResourceNotFoundError } from '@attune/domain';
import type { ControlParts } from './controlParts';
import { CsvImportError } from './csvProblems';
import {
  definitionOf,
  finishJob,
  jobState,
  type RunDatasetJob,
  requireDatasetJob,
  submitDatasetJob,
} from './datasetJob';
import { type ParsedSchema, parseDatasetSchema } from './datasetSchema';
import { importFiles } from './importFiles';
import { findCsvFiles, reportProblems, requireLocation, sizeOf } from './jobFiles';
import { listPage } from './listPage';
import { requireDataset } from './requireResource';

type Operation = 'CreateDatasetImportJob' | 'DescribeDatasetImportJob' | 'ListDatasetImportJobs';

export function importJobHandlers(parts: ControlParts): Pick<ControlHandlers, Operation> {
  const { database, scope } = parts;
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
      const { datasetArn: within } = request;
      if (within !== undefined) await requireDataset(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListDatasetImportJobs',
        within,
        request,
        read: (page) => pageOfDatasetJobs(database, 'import', { datasetArn: within }, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
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
      const schema = await schemaOfJob(transaction, job);
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

async function schemaOfJob(db: Queryable, { datasetArn = '' }: DatasetJob): Promise<ParsedSchema> {
  const dataset = await findDataset(db, datasetArn);
  const schema = dataset && (await findDatasetSchema(db, dataset.schemaArn));
  if (!schema) throw new ResourceNotFoundError(`The dataset ${datasetArn} is no longer there.`);
  return parseDatasetSchema(schema.schema);
}
