import type { ControlHandlers } from '@attune/aws';
import { type DatasetJob, deleteUsers, pageOfDatasetJobs } from '@attune/database';
import { userId } from '@attune/domain';
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
import type { ParsedSchema } from './datasetSchema';
import { readChecked } from './importFiles';
import { findCsvFiles, reportProblems, requireLocation } from './jobFiles';
import { listPage } from './listPage';
import { requireDatasetGroup } from './requireResource';

type Operation = 'CreateDataDeletionJob' | 'DescribeDataDeletionJob' | 'ListDataDeletionJobs';

export function deletionJobHandlers(parts: ControlParts): Pick<ControlHandlers, Operation> {
  const { database, scope } = parts;
  return {
    CreateDataDeletionJob: async ({ tags, ...request }) => {
      requireLocation('dataSource.dataLocation', request.dataSource.dataLocation);
      const dataDeletionJobArn = await submitDatasetJob(parts, {
        kind: 'deletion',
        name: request.jobName,
        tags,
        definition: request,
        on: async (transaction) => {
          const group = await requireDatasetGroup(transaction, scope, request.datasetGroupArn);
          return { datasetGroup: group.name };
        },
      });
      return { dataDeletionJobArn };
    },

    DescribeDataDeletionJob: async ({ dataDeletionJobArn }) => {
      const job = await requireDatasetJob(parts, 'deletion', dataDeletionJobArn);
      const { dataSource, roleArn } = definitionOf<'CreateDataDeletionJob'>(job);
      const numDeleted = job.progress?.deleted as number | undefined;
      return { dataDeletionJob: { ...summary(job), dataSource, roleArn, numDeleted } };
    },

    ListDataDeletionJobs: async (request) => {
      const { datasetGroupArn: within } = request;
      const group = within === undefined ? undefined : await requireDatasetGroup(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListDataDeletionJobs',
        within,
        request,
        read: (page) => pageOfDatasetJobs(database, 'deletion', { datasetGroup: group?.name }, page),
        keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
      });
      return { dataDeletionJobs: items.map(summary), ...next };
    },
  };
}

function summary(job: DatasetJob) {
  const { datasetGroupArn } = definitionOf<'CreateDataDeletionJob'>(job);
  return { dataDeletionJobArn: job.arn, datasetGroupArn, ...jobState(job) };
}

/** The files need one column, USER_ID; others are not looked at. */
const USER_IDS: ParsedSchema = { kind: 'users', columns: [] };

/** Deletes what is known of the users that the files of a job name, of all of them or of none. */
export const runDeletionJob: RunDatasetJob = async ({ database, objects, now }, job, report, signal) => {
  const { dataSource } = definitionOf<'CreateDataDeletionJob'>(job);
  const location = requireLocation('dataSource.dataLocation', dataSource.dataLocation);
  const files = await findCsvFiles(objects, location);
  try {
    return await database.transaction(async (transaction) => {
      let deleted = 0;
      let users = 0;
      for await (const { table, records } of readChecked({ schema: USER_IDS, files }, { signal })) {
        const at = table.columns.findIndex(({ name }) => name === 'USER_ID');
        const named = records.map(({ fields }) => userId(fields[at]!));
        deleted += await deleteUsers(transaction, job.datasetGroup, named);
        users += named.length;
        report({ users, deleted });
      }
      await finishJob(transaction, job, { users, deleted }, now());
      return ['interactions', 'users'] as const;
    });
  } catch (error) {
    if (!(error instanceof CsvImportError)) throw error;
    throw await reportProblems(objects, location, job.name, error);
  }
};
