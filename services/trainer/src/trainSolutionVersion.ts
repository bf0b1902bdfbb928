import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SolutionVersion } from '@attune/database';
import { type DataMark, finishSolutionVersion, markData } from '@attune/database';
import { ARTIFACT_FILES, type ModelManifest, storyOf, type TrainingProgress } from '@attune/recommender';
import { takeDatasetSnapshot } from './datasetSnapshot';
import { fetchEarlierModel } from './earlierModel';
import { reportProgress } from './reportProgress';
import { runTrainingProcess } from './runTrainingProcess';
import type { TrainingJob } from './trainingJob';
import type { TrainingParts } from './trainingParts';
import { readTrainingSettings } from './trainingSettings';

/** Trainings of the same data with the same settings give the same model. */
const SEED = 1;

/**
 * Trains a solution version that was begun: takes a snapshot of the data, runs the training process on it, puts the
 * artifact into the object store and marks the version ACTIVE.
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
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, 'training-'));
  try {
    const { jobFile, dataMark, comparedWith } = await writeJob(parts, version, folder);
    signal.throwIfAborted();
    const report = reportProgress(parts, version.arn);
    await runTrainingProcess(
      jobFile,
      (message) => {
        if (message.type === 'backend') logger.info({ solutionVersion: version.arn }, message.reason);
        if (message.type === 'story') report.tellStory(message.story);
        if (message.type !== 'progress') return;
        onProgress(message.progress);
        report.update(message.progress);
      },
      signal,
    );
    await report.settled();
    const artifactUri = `${artifactRoot}/${version.arn.split('/').slice(1).join('/')}`;
    // The manifest is the last of the files: an artifact is there only when it is whole.
    for (const name of ARTIFACT_FILES) await objects.put(`${artifactUri}/${name}`, await readFile(join(folder, name)));
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as ModelManifest;
    const trainingSeconds = (now() - startedAt) / 1000;
    const metrics = { ...manifest.metrics, comparedWith };
    const result = { artifactUri, metrics, story: storyOf(manifest), dataMark, trainingSeconds };
    return await finishSolutionVersion(database, version.arn, result, now());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeJob(
  parts: TrainingParts,
  version: SolutionVersion,
  folder: string,
): Promise<{ jobFile: string; dataMark: DataMark; comparedWith: string | undefined }> {
  const earlier = await fetchEarlierModel(parts, version, folder);
  const job: TrainingJob = {
    datasetFile: join(folder, 'dataset.safetensors'),
    artifactFolder: folder,
    ...(earlier && (version.baseArn ? { baseFolder: earlier.folder } : { compareFolder: earlier.folder })),
    ...(await readTrainingSettings(parts.database, version)),
    seed: SEED,
    codeVersion: parts.codeVersion,
    ...(parts.backend !== undefined && { backend: parts.backend }),
    ...(parts.timeBudgetSeconds !== undefined && { timeBudgetSeconds: parts.timeBudgetSeconds }),
  };
  // Before the data is read: what comes in meanwhile is new to the next update, even if this one happens to see it.
  const dataMark = await markData(parts.database, version.datasetGroup);
  await writeFile(job.datasetFile, await takeDatasetSnapshot(parts.database, version));
  const jobFile = join(folder, 'job.json');
  await writeFile(jobFile, JSON.stringify(job));
  return { jobFile, dataMark, comparedWith: earlier?.arn };
}
