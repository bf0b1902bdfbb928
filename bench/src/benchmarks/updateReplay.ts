import { parseArgs } from 'node:util';
import {
  findRecipe,
  loadTensorFlow,
  type RecipeName,
  type SolutionMetrics,
  type TrainingOptions,
  train,
} from '@attune/recommender';
import { datasetName, namedDataset, readAccuracyData } from '../accuracy/accuracyData';
import { printFigure, roundFigure } from '../figure';
import { olderShare } from '../timeOrder';

export const description =
  'an update beside a full training, on the last 2% of a data set: --dataset ml-100k, --share 0.02';

/**
 * Trains on the oldest part of a data set, then on all of it: once in full, once as an update of the first. `--dataset NAME` or
 * `--interactions FILE`; `--share 0.02` is the part that is new to the update; `--recipe NAME`; `--seed N`.
 * The users on whom both are measured are the same, and nobody has learned from them.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: 'string', default: 'ml-100k' },
      interactions: { type: 'string' },
      share: { type: 'string', default: '0.02' },
      recipe: { type: 'string', default: 'aws-user-personalization' },
      seed: { type: 'string', default: '1' },
    },
  });
  const files =
    values.interactions === undefined ? namedDataset(values.dataset) : { interactions: values.interactions };
  const share = Number(values.share);
  if (!(share > 0 && share < 1)) throw new Error(`--share is ${values.share}. Expected a number between 0 and 1.`);
  if (!findRecipe(values.recipe)) throw new Error(`--recipe is "${values.recipe}", which is no recipe.`);
  const { dataset: all } = await readAccuracyData({ interactions: files.interactions });
  const older = olderShare(all, 1 - share);
  const data = datasetName(files.interactions);
  const tensorflow = await loadTensorFlow();
  console.error(tensorflow.reason);
  const measure = async (what: string, options: Pick<TrainingOptions, 'dataset' | 'base' | 'compareWith'>) => {
    const before = process.cpuUsage();
    const start = performance.now();
    const model = await train({
      tensorflow,
      recipe: values.recipe as RecipeName,
      seed: Number(values.seed),
      codeVersion: 'bench',
      now: () => performance.now(),
      ...options,
    });
    const { user, system } = process.cpuUsage(before);
    const { metrics, learningCurve, bestEpoch } = model.manifest;
    console.error(`${what}: ${learningCurve.length} epochs, the best ${bestEpoch}`);
    return {
      model,
      metrics: metrics.model,
      users: metrics.cases,
      cpu: (user + system) / 1e6,
      wall: (performance.now() - start) / 1000,
    };
  };
  const base = await measure('base', { dataset: older });
  const full = await measure('full training', { dataset: all, compareWith: base.model });
  const update = await measure('update', { dataset: all, base: base.model });
  const unit = `${values.recipe}, ${data}, ${all.items.length - older.items.length} of ${all.items.length} interactions new`;
  printFigure({
    name: 'update_cpu',
    value: update.cpu,
    unit: `s of CPU (${unit})`,
    peer: 'full training on the same data',
    peerValue: full.cpu,
    details: { wall_s: roundFigure(update.wall), peer_wall_s: roundFigure(full.wall) },
  });
  for (const name of Object.keys(full.metrics) as (keyof SolutionMetrics)[]) {
    printFigure({
      name: `update_${name}`,
      value: update.metrics[name],
      unit: `${update.users} held-out users, ${unit}`,
      peer: 'full training on the same data',
      peerValue: full.metrics[name],
      details: { base: roundFigure(base.metrics[name]) },
    });
  }
}
