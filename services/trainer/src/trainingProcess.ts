/**
 * Trains one model and leaves its artifact in a folder. A process of its own, because a training step keeps its thread
 * busy for tens of milliseconds, and because what TensorFlow takes in memory goes back when it ends.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '@attune/domain';
import {
  ARTIFACT_FILES,
  decodeUpdatableModel,
  encodeArtifact,
  loadTensorFlow,
  parseHyperparameters,
  readDataset,
  recipeOf,
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

async function run(job: TrainingJob): Promise<void> {
  const tensorflow = await loadTensorFlow(job.backend === undefined ? {} : { prefer: job.backend });
  await tell({ type: 'backend', backend: tensorflow.backend, reason: tensorflow.reason });
  const model = await train({
    dataset: readDataset(await readFile(job.datasetFile)),
    tensorflow,
    ...(job.baseFolder !== undefined && { base: await readModel(job.baseFolder) }),
    ...(job.compareFolder !== undefined && { compareWith: await readModel(job.compareFolder) }),
    recipe: job.recipe,
    hyperparameters: parseHyperparameters(job.hyperparameters, recipeOf(job.recipe)),
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
