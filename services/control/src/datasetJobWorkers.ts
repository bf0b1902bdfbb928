import { topics } from '@attune/bus';
import {
  beginDatasetJob,
  type DatasetJob,
  type DatasetJobKind,
  type DatasetKind,
  failDatasetJob,
  findDatasetJob,
  type JsonObject,
  reportDatasetJob,
} from '@attune/database';
import { AttuneError } from '@attune/domain';
import type { JobHandler } from '@attune/jobs';
import type { ControlParts } from './controlParts';
import type { RunDatasetJob } from './datasetJob';
import { runDeletionJob } from './deletionJobs';
import { runExportJob } from './exportJobs';
import { runImportJob } from './importJobs';

const RUN: Readonly<Record<DatasetJobKind, RunDatasetJob>> = {
  import: runImportJob,
  export: runExportJob,
  deletion: runDeletionJob,
};

/** Does the jobs on datasets as they are created, one of each kind at a time. */
export function startDatasetJobWorkers(parts: ControlParts): { stop(): Promise<void> } {
  const { database, jobs, now } = parts;
  const workers = (Object.keys(RUN) as DatasetJobKind[]).map((kind) =>
    jobs.work(kind, datasetJobHandler(parts, RUN[kind]), {
      onGivenUp: async (arn, reason) => {
        await failDatasetJob(database, arn, `The job was tried several times. The last time: ${reason}`, now());
      },
    }),
  );
  return {
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function datasetJobHandler(parts: ControlParts, run: RunDatasetJob): JobHandler {
  const { database, bus, logger, now } = parts;
  const announce = async ({ arn, datasetGroup }: DatasetJob, changed: readonly DatasetKind[]) => {
    const notices = changed.map((kind) => ({ key: datasetGroup, value: { datasetGroup, kind, changedAt: now() } }));
    if (notices.length > 0) await bus.publish(topics.catalog, notices);
    logger.info({ job: arn, changed }, 'dataset job done');
  };
  return async ({ arn }, signal) => {
    const job = await beginDatasetJob(database, arn, now());
    if (!job) {
      // It ended, and its worker may have died before it could say so.
      const ended = await findDatasetJob(database, arn);
      if (ended?.status === 'ACTIVE') await announce(ended, ALL_KINDS[ended.kind]);
      return;
    }
    try {
      await announce(job, await run(parts, job, progressReporter(parts, arn), signal));
    } catch (error) {
      if (signal.aborted || !isFinal(error)) throw error;
      await failDatasetJob(database, arn, error.message, now());
      logger.warn({ job: arn, reason: error.message }, 'dataset job failed');
    }
  };
}

/** What a job of a kind may have changed. */
const ALL_KINDS: Readonly<Record<DatasetJobKind, readonly DatasetKind[]>> = {
  import: ['interactions', 'items', 'users'],
  export: [],
  deletion: ['interactions', 'users'],
};

/** Whether trying again would end in the same way. */
function isFinal(error: unknown): error is AttuneError {
  return error instanceof AttuneError && error.code !== 'Unavailable';
}

const REPORT_INTERVAL_MS = 1_000;

/** Writes progress once a second, beside the job's transaction; one that is not written is followed by the next. */
function progressReporter({ database, now, logger }: ControlParts, arn: string): (progress: JsonObject) => void {
  let reportedAt = performance.now();
  let writing = false;
  return (progress) => {
    if (writing || performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
    writing = true;
    reportedAt = performance.now();
    reportDatasetJob(database, arn, progress, now())
      .catch((error: unknown) => logger.warn({ err: error, job: arn }, 'progress not written'))
      .finally(() => {
        writing = false;
      });
  };
}
