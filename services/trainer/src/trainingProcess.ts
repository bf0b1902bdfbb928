/**
 * Trains one model and leaves its artifact in a folder. A process of its own, because a training step keeps its thread
 * busy for tens of milliseconds, and because what TensorFlow takes in memory goes back when it ends.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '@attune/domain';
import {
  ARTIFACT_FILES,
  decodeCheckpoint,
  decodeUpdatableModel,
  encodeArtifact,
  loadTensorFlow,
  parseHyperparameters,
  readDataset,
  recipeOf,
  type Saved,
  train,
  type UpdatableModel,
} from '@attune/recommender';
import type { TrainingJob, TrainingMessage } from './trainingJob';

function tell(message: TrainingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.send) return reject(new Error('The training process is started by the trainer service, not by hand.'));
    process.send(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

async function readModel(folder: string): Promise<UpdatableModel> {
  const files = ARTIFACT_FILES.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return decodeUpdatableModel(new Map(await Promise.all(files)));
}

/** What an earlier process left, if it can be used. */
async function readCheckpoint({ checkpointFile, codeVersion }: TrainingJob): Promise<Saved | undefined> {
  if (!existsSync(checkpointFile)) return undefined;
  try {
    return decodeCheckpoint(await readFile(checkpointFile), codeVersion);
  } catch (error) {
    if (!(error instanceof AttuneError)) throw error;
    await tell({ type: 'begunAnew', reason: error.message });
    return undefined;
  }
}

/** A process that is killed while it writes leaves the checkpoint before. */
async function writeCheckpoint({ checkpointFile }: TrainingJob, bytes: Uint8Array): Promise<void> {
  await writeFile(`${checkpointFile}.new`, bytes);
  await rename(`${checkpointFile}.new`, checkpointFile);
  await tell({ type: 'checkpoint' });
}

async function run(job: TrainingJob): Promise<void> {
  const tensorflow = await loadTensorFlow(job.backend === undefined ? {} : { prefer: job.backend });
  await tell({ type: 'backend', backend: tensorflow.backend, reason: tensorflow.reason });
  const resume = await readCheckpoint(job);
  const model = await train({
    dataset: readDataset(await readFile(job.datasetFile)),
    tensorflow,
    ...(job.baseFolder !== undefined && { base: await readModel(job.baseFolder) }),
    ...(job.compareFolder !== undefined && { compareWith: await readModel(job.compareFolder) }),
    recipe: job.recipe,
    hyperparameters: parseHyperparameters(job.hyperparameters, recipeOf(job.recipe)),
    checkpoints: { everySeconds: job.checkpointSeconds, write: (bytes) => writeCheckpoint(job, bytes) },
    ...(resume && { resume }),
    memoryLimitBytes: job.memoryLimitBytes,
    seed: job.seed,
    codeVersion: job.codeVersion,
    now: () => performance.now(),
    ...(job.timeBudgetSeconds !== undefined && { timeBudgetSeconds: job.timeBudgetSeconds }),
    ...(job.search && { search: job.search }),
    onProgress: (progress) => void tell({ type: 'progress', progress }),
    onStory: (story) => void tell({ type: 'story', story }),
  });
  for (const [name, content] of encodeArtifact(model)) await writeFile(join(job.artifactFolder, name), content);
  await tell({ type: 'done' });
}

/** Without its trainer the process has no one to work for. */
process.on('disconnect', () => process.exit(1));

readFile(process.argv[2] ?? '', 'utf8')
  .then((text) => run(JSON.parse(text) as TrainingJob))
  .catch((error: unknown) =>
    tell({
      type: 'failed',
      reason: error instanceof AttuneError ? error.message : `Training stopped on an internal error: ${String(error)}`,
    }),
  )
  .finally(() => process.disconnect());
