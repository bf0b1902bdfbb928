import { readFile, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { finishSolutionVersion, markData, type SolutionVersion } from '@attune/database';
import { ARTIFACT_FILES, type ModelManifest, storyOf, type TrainingProgress } from '@attune/recommender';
import { takeDatasetSnapshot } from './datasetSnapshot';
import { fetchEarlierModel } from './earlierModel';
import { CHECKPOINT_FILE, DATASET_FILE, fetchKept, keepCheckpoints, type TrainingBeginning } from './keptTraining';
import { reportProgress } from './reportProgress';
import { runTrainingProcess, TrainingDiedError } from './runTrainingProcess';
import type { TrainingJob, TrainingMessage } from './trainingJob';
import type { TrainingParts } from './trainingParts';
import { readTrainingSettings } from './trainingSettings';
import { makeWorkFolder } from './workFolder';

/** Trainings of the same data with the same settings give the same model. */
const SEED = 1;

/** Often enough that little is lost, seldom enough that it costs nothing. */
const CHECKPOINT_SECONDS = 30;

/** How often a training process that died is followed by another. */
const MOST_RESTARTS = 3;

/**
 * Trains a solution version that was begun: takes a snapshot of the data, runs the training process on it, puts the
 * artifact into the object store and marks the version ACTIVE. Where a trainer left a checkpoint of it, the training goes on
 * from there, with the data it began with.
 * @param signal ends the training; the promise then rejects with the signal's reason
 * @returns false where the version was stopped just before its end
 * @throws TrainingFailedError where training failed for a reason to show
 */
export async function trainSolutionVersion(
  parts: TrainingParts,
  version: SolutionVersion,
  onProgress: (progress: TrainingProgress) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, objects, workFolder, artifactRoot, now, logger } = parts;
  const startedAt = now();
  const folder = await makeWorkFolder(workFolder, startedAt);
  try {
    const beginning = await prepare(parts, version, folder);
    signal.throwIfAborted();
    const report = reportProgress(parts, version.arn);
    const checkpoints = keepCheckpoints(parts, version.arn, folder, beginning);
    let secondsElapsed = 0;
    const onMessage = (message: TrainingMessage) => {
      if (message.type === 'backend') logger.info({ solutionVersion: version.arn }, message.reason);
      if (message.type === 'begunAnew') logger.warn({ solutionVersion: version.arn }, message.reason);
      if (message.type === 'story') report.tellStory(message.story);
      if (message.type === 'checkpoint') checkpoints.keep();
      if (message.type !== 'progress') return;
      secondsElapsed = message.progress.secondsElapsed;
      onProgress(message.progress);
      report.update(message.progress);
    };
    try {
      await runToItsEnd(parts, version.arn, join(folder, JOB_FILE), onMessage, signal);
    } finally {
      await Promise.all([report.settled(), checkpoints.settled()]);
    }
    const artifactUri = `${artifactRoot}/${version.arn.split('/').slice(1).join('/')}`;
    // The manifest is the last of the files: an artifact is there only when it is whole.
    for (const name of ARTIFACT_FILES) await objects.put(`${artifactUri}/${name}`, await readFile(join(folder, name)));
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as ModelManifest;
    // Of a training that goes on, the process counts what was before the checkpoint, too.
    const trainingSeconds = Math.max((now() - startedAt) / 1000, secondsElapsed);
    const { dataMark, earlierArn: comparedWith } = beginning;
    const metrics = { ...manifest.metrics, comparedWith };
    const result = { artifactUri, metrics, story: storyOf(manifest), dataMark, trainingSeconds };
    return await finishSolutionVersion(database, version.arn, result, now());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The share of the machine's or the container's memory that a training may take where nothing else is said. */
const MEMORY_SHARE = 0.8;

function memoryForTraining(): number {
  const constrained = process.constrainedMemory();
  return MEMORY_SHARE * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}

const JOB_FILE = 'job.json';

/** Puts the job into the folder, and all that it names: data, the version before, and a checkpoint where there is one. */
async function prepare(parts: TrainingParts, version: SolutionVersion, folder: string): Promise<TrainingBeginning> {
  const kept = await fetchKept(parts, version.arn, folder);
  const settings = await readTrainingSettings(parts.database, version);
  const earlier =
    kept && !kept.earlierArn ? undefined : await fetchEarlierModel(parts, version, folder, kept?.earlierArn);
  const job: TrainingJob = {
    datasetFile: join(folder, DATASET_FILE),
    artifactFolder: folder,
    ...(earlier && (version.baseArn ? { baseFolder: earlier.folder } : { compareFolder: earlier.folder })),
    ...settings,
    checkpointFile: join(folder, CHECKPOINT_FILE),
    checkpointSeconds: parts.checkpointSeconds ?? CHECKPOINT_SECONDS,
    memoryLimitBytes: parts.memoryLimitBytes ?? memoryForTraining(),
    seed: SEED,
    codeVersion: parts.codeVersion,
    ...(parts.backend !== undefined && { backend: parts.backend }),
    ...(parts.timeBudgetSeconds !== undefined && { timeBudgetSeconds: parts.timeBudgetSeconds }),
  };
  await writeFile(join(folder, JOB_FILE), JSON.stringify(job));
  if (kept) {
    parts.logger.info({ solutionVersion: version.arn }, 'training goes on from its checkpoint');
    return kept;
  }
  // A checkpoint without its data is of no use.
  await rm(job.checkpointFile, { force: true });
  // Before the data is read: what comes in meanwhile is new to the next update, even if this one happens to see it.
  const dataMark = await markData(parts.database, version.datasetGroup);
  await writeFile(job.datasetFile, await takeDatasetSnapshot(parts.database, version));
  return { dataMark, ...(earlier && { earlierArn: earlier.arn }) };
}

/** A training process that dies, having left a checkpoint, is followed by another that goes on from it. */
async function runToItsEnd(
  { logger }: TrainingParts,
  arn: string,
  jobFile: string,
  onMessage: (message: TrainingMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let restarts = 0; ; restarts++) {
    let gotFurther = false;
    try {
      return await runTrainingProcess(
        jobFile,
        (message) => {
          gotFurther ||= message.type === 'checkpoint';
          onMessage(message);
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof TrainingDiedError) || !gotFurther || restarts === MOST_RESTARTS) throw error;
      logger.warn({ err: error, solutionVersion: arn }, 'training process died; another goes on from its checkpoint');
    }
  }
}
