import type { ControlHandlers, ControlOperation } from '@attune/aws';
import {
  changeResources,
  createDatasetJob,
  type Dataset,
  type DatasetJob,
  type DatasetJobKind,
  type DatasetKind,
  findDataset,
  findDatasetJob,
  findDatasetSchema,
  finishDatasetJob,
  type JsonObject,
  pageOfDatasetJobs,
  type Queryable,
} from '@attune/database';
import { ResourceNotFoundError, type ResourceType, requireArn, resourceArn } from '@attune/domain';
import type { ControlParts } from './controlParts';
import { type ParsedSchema, parseDatasetSchema } from './datasetSchema';
import { type ListRequest, listPage } from './listPage';
import { requireDataset } from './requireResource';
import { type ApiTags, tagResource } from './resourceTags';

/**
 * Does a job, and ends it in the transaction that holds its work.
 * @param report shows how far it is, as often as one likes
 * @returns the datasets that changed
 * @throws AttuneError where it can't be done, with the reason for its owner; other errors have it tried again
 */
export type RunDatasetJob = (
  parts: ControlParts,
  job: DatasetJob,
  report: (progress: JsonObject) => void,
  signal: AbortSignal,
) => Promise<readonly DatasetKind[]>;

/** The types that jobs have in ARNs. */
const ARN_TYPES: Readonly<Record<DatasetJobKind, ResourceType>> = {
  import: 'dataset-import-job',
  export: 'dataset-export-job',
  deletion: 'data-deletion-job',
};

interface Submission {
  kind: DatasetJobKind;
  name: string;
  tags: ApiTags | undefined;
  /** The request's members, for Describe and for the worker. */
  definition: JsonObject;
  /** Checks what the job is for, in the transaction that creates it. */
  on(transaction: Queryable): Promise<Pick<DatasetJob, 'datasetGroup' | 'datasetArn'>>;
}

/** Creates a job and queues it. @returns its ARN */
export async function submitDatasetJob(
  { database, scope, jobs, now }: ControlParts,
  { kind, name, tags, definition, on }: Submission,
): Promise<string> {
  const arn = resourceArn(scope, ARN_TYPES[kind], name);
  await changeResources(database, async (transaction) => {
    const target = await on(transaction);
    await createDatasetJob(transaction, { arn, kind, name, ...target, definition, createdAt: now() });
    await tagResource(transaction, arn, tags);
    await jobs.send(kind, { arn }, { transaction });
  });
  return arn;
}

/** @throws InvalidInputError where the ARN can't name a job of this kind; ResourceNotFoundError where there is none */
export async function requireDatasetJob(
  { database, scope }: Pick<ControlParts, 'database' | 'scope'>,
  kind: DatasetJobKind,
  arn: string,
): Promise<DatasetJob> {
  requireArn(scope, ARN_TYPES[kind], arn);
  const job = await findDatasetJob(database, arn);
  if (!job) throw new ResourceNotFoundError(`There is no ${ARN_TYPES[kind].replaceAll('-', ' ')} ${arn}.`);
  return job;
}

/** A page of the jobs on one dataset, or on all. @throws ResourceNotFoundError where there is no such dataset */
export async function listJobsOnDatasets(
  { database, scope }: Pick<ControlParts, 'database' | 'scope'>,
  kind: 'import' | 'export',
  operation: ControlOperation,
  request: ListRequest<DatasetJob>['request'] & { datasetArn?: string | undefined },
): Promise<{ items: DatasetJob[]; nextToken?: string }> {
  const { datasetArn: within } = request;
  if (within !== undefined) await requireDataset(database, scope, within);
  return listPage({
    operation,
    within,
    request,
    read: (page) => pageOfDatasetJobs(database, kind, { datasetArn: within }, page),
    keyOf: ({ arn, createdAt }) => ({ id: arn, createdAt }),
  });
}

/** The dataset that a job is on, with its columns. @throws ResourceNotFoundError where it was deleted meanwhile */
export async function datasetOfJob(
  db: Queryable,
  { datasetArn = '' }: DatasetJob,
): Promise<{ dataset: Dataset; schema: ParsedSchema }> {
  const dataset = await findDataset(db, datasetArn);
  const schema = dataset && (await findDatasetSchema(db, dataset.schemaArn));
  if (!schema) throw new ResourceNotFoundError(`The dataset ${datasetArn} is no longer there.`);
  return { dataset, schema: parseDatasetSchema(schema.schema) };
}

/** What every Describe and List shows of a job. */
export function jobState({ name, status, failureReason, createdAt, updatedAt }: DatasetJob) {
  return { jobName: name, status, failureReason, creationDateTime: createdAt, lastUpdatedDateTime: updatedAt };
}

/** The members of the request that made a job. They were checked then. */
export function definitionOf<Operation extends keyof ControlHandlers>(
  job: DatasetJob,
): Parameters<ControlHandlers[Operation]>[0] {
  return job.definition as Parameters<ControlHandlers[Operation]>[0];
}

/**
 * Ends a job well, as the last step of its transaction.
 * @throws Error where another worker has ended it, so that this one's transaction rolls back
 */
export async function finishJob(db: Queryable, { arn }: DatasetJob, progress: JsonObject, now: number): Promise<void> {
  if (!(await finishDatasetJob(db, arn, progress, now))) throw new Error(`${arn} has ended meanwhile.`);
}
