import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, ModelNotice } from '@attune/bus';
import { topics } from '@attune/bus';
import type { Database, SolutionVersion } from '@attune/database';
import { findSolution, finishSolutionVersion, updateSolutionVersionProgress } from '@attune/database';
import { UnavailableError } from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import type { ModelManifest, TrainingProgress } from '@attune/recommender';
import { ARTIFACT_FILES } from '@attune/recommender';
import type { Logger } from '@attune/service';
import { takeDatasetSnapshot } from './datasetSnapshot';
import { runTrainingProcess } from './runTrainingProcess';
import type { TrainingJob } from './trainingJob';

export interface TrainingParts {
  database: Database;
  objects: ObjectStore;
  bus: Bus;
  /** A folder for the files of trainings in progress. */
  workFolder: string;
  /** Where artifacts go, for example `s3://attune/models`. */
  artifactRoot: string;
  codeVersion: string;
  timeBudgetSeconds?: number;
  /** Absent: the best TensorFlow backend there is. */
  backend?: 'native' | 'wasm';
  /** Milliseconds since the epoch. */
  now(): number;
  logger: Logger;
}

/** Trainings of the same data with the same settings give the same model. */
const SEED = 1;

/** How often progress is written down. Twice a second looks live, and costs the database nothing. */
const PROGRESS_INTERVAL_MS = 500;

const RETRY_NOTICE_MS = 1_000;

/**
 * Trains a solution version that was claimed: takes a snapshot of the data, runs the training process on it, puts the
 * artifact into the object store, marks the version ACTIVE and tells the bus.
 * @throws TrainingFailedError where training failed for a reason to show
 */
export async function trainSolutionVersion(
  parts: TrainingParts,
  version: SolutionVersion,
  signal: AbortSignal,
): Promise<void> {
  const { database, objects, workFolder, artifactRoot, now, logger } = parts;
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, 'training-'));
  try {
    const jobFile = await writeJob(parts, version, folder);
    const report = progressReporter(parts, version.arn);
    await runTrainingProcess(
      jobFile,
      (message) => {
        if (message.type === 'backend') logger.info({ solutionVersion: version.arn }, message.reason);
        if (message.type === 'progress') report.update(message.progress);
      },
      signal,
    );
    await report.settled();
    const artifactUri = `${artifactRoot}/${version.arn.split('/').slice(1).join('/')}`;
    // The manifest is the last of the files: an artifact is there only when it is whole.
    for (const name of ARTIFACT_FILES) await objects.put(`${artifactUri}/${name}`, await readFile(join(folder, name)));
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as ModelManifest;
    await finishSolutionVersion(database, version.arn, { artifactUri, metrics: manifest.metrics }, now());
    const { datasetGroup, arn: solutionVersionArn } = version;
    await publishNotice(parts, { datasetGroup, solutionVersionArn, artifactUri, trainedAt: now() }, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without the notice no campaign would move to the new version, so a bus that is away is waited for. */
async function publishNotice({ bus, logger }: TrainingParts, notice: ModelNotice, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await bus.publish(topics.models, [{ key: notice.datasetGroup, value: notice }]);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      logger.warn({ err: error, solutionVersion: notice.solutionVersionArn }, 'new model not announced yet');
      await pause(RETRY_NOTICE_MS, undefined, { signal });
    }
  }
}

async function writeJob(parts: TrainingParts, version: SolutionVersion, folder: string): Promise<string> {
  const solution = await findSolution(parts.database, version.solutionArn);
  if (!solution) throw new Error(`The solution ${version.solutionArn} of ${version.arn} is gone.`);
  const job: TrainingJob = {
    datasetFile: join(folder, 'dataset.safetensors'),
    artifactFolder: folder,
    hyperparameters: solution.hyperparameters,
    seed: SEED,
    codeVersion: parts.codeVersion,
    ...(parts.backend !== undefined && { backend: parts.backend }),
    ...(parts.timeBudgetSeconds !== undefined && { timeBudgetSeconds: parts.timeBudgetSeconds }),
  };
  await writeFile(job.datasetFile, await takeDatasetSnapshot(parts.database, version.datasetGroup));
  const jobFile = join(folder, 'job.json');
  await writeFile(jobFile, JSON.stringify(job));
  return jobFile;
}

/** Writes down the latest progress, one write at a time, so that a slow database never piles them up. */
function progressReporter({ database, now, logger }: TrainingParts, arn: string) {
  let writing = Promise.resolve();
  let lastWritten = Number.NEGATIVE_INFINITY;
  return {
    update(progress: TrainingProgress): void {
      if (now() - lastWritten < PROGRESS_INTERVAL_MS) return;
      lastWritten = now();
      writing = writing
        .then(async () => void (await updateSolutionVersionProgress(database, arn, progress, now())))
        .catch((error: unknown) => logger.warn({ err: error, solutionVersion: arn }, 'progress not written'));
    },
    settled: () => writing,
  };
}
