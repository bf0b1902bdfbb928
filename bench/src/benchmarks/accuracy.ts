import { parseArgs } from 'node:util';
import { InvalidInputError } from '@attune/domain';
import { findRecipe, type RecipeName } from '@attune/recommender';
import { type AccuracyFiles, datasetName, namedDataset } from '../accuracy/accuracyData';
import { type AccuracyJob, BASELINES, type CurvePoint, type Protocol } from '../accuracy/accuracyJob';
import { PEER_MODELS, runPeer } from '../accuracy/peers';
import { type LeaveOneOutFigures, PUBLISHED_FIGURES } from '../accuracy/publishedFigures';
import { runAccuracyProcess } from '../accuracy/runAccuracyProcess';
import { gather, LEADING, mean, printScorer, type ScorerFigures } from '../accuracy/scorerLine';
import { printFigure, roundFigure } from '../figure';

export const description =
  'accuracy of a recipe beside baselines: --dataset ml-100k or --interactions FILE; see docs/benchmarks.md';

/**
 * `--interactions FILE.csv[.gz] [--items FILE] [--users FILE] [--split FILE]`, or `--dataset NAME` of `ATTUNE_DATASETS`;
 * `--recipe NAME`; `--seed N` or `--seeds 1,2,3`; `--mask-seen` leaves out items of the history whatever the data says;
 * `--protocol api` takes the API's metrics on its own split; `--peers` trains the PyTorch peers as well, and says how soon the
 * recipe is as good; `--max-epochs N` cuts training short. One line for each scorer; nothing is chosen on the test.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { files, data, recipe, protocol, seeds, peers, ...job } = readOptions(args);
  const runOver = async (scorer: AccuracyJob['scorer'], over: readonly number[]) => {
    const results = [];
    for (const seed of over) results.push(await runAccuracyProcess({ files, protocol, scorer, seed, ...job }));
    return results;
  };
  const measure = async (scorer: AccuracyJob['scorer'], over: readonly number[]) =>
    gather(await runOver(scorer, over), over, protocol);
  const others: ScorerFigures[] = [];
  const bests: [name: string, best: CurvePoint][] = [];
  for (const baseline of BASELINES) {
    // Of the API's split, who is held out depends on the seed.
    others.push(...(await measure(baseline, protocol === 'api' ? seeds : seeds.slice(0, 1))));
    printScorer(others.at(-1)!, { data, protocol });
  }
  if (protocol === 'leave-one-out') {
    const { masked, users, items } = others[0]!.details as { masked: boolean; users: number; items: number };
    const common = { users, items, masked };
    for (const [name, figures] of Object.entries(PUBLISHED_FIGURES[data] ?? {})) {
      others.push(peerFigures(`${name} in PyTorch, published`, figures, common));
      printScorer(others.at(-1)!, { data, protocol });
    }
    for (const [name, model] of peers ? Object.entries(PEER_MODELS) : []) {
      const figures = await runPeer(model, files, { masked, seed: seeds[0]! });
      others.push(peerFigures(`${name} in PyTorch, this run`, figures, common));
      printScorer(others.at(-1)!, { data, protocol });
      // A peer's own validation leaves out items of the history whatever the data.
      if (figures.best && masked) bests.push([name, figures.best]);
    }
  }
  const best = others.reduce((a, b) =>
    mean(a.metrics[LEADING[protocol]]!) >= mean(b.metrics[LEADING[protocol]]!) ? a : b,
  );
  const results = await runOver(recipe, seeds);
  for (const scorer of gather(results, seeds, protocol)) printScorer(scorer, { data, protocol, peer: best });
  for (const [peer, point] of bests) printSecondsTo(point, { data, recipe, peer, curve: results[0]!.curve });
}

/** Prints how long the recipe's network takes to a peer's best validation figure, beside how long the peer took. */
function printSecondsTo(
  { validation, seconds }: CurvePoint,
  { data, recipe, peer, curve }: { data: string; recipe: string; peer: string; curve: readonly CurvePoint[] },
): void {
  const reached = curve.find((point) => point.validation >= validation);
  printFigure({
    name: `${data} ${recipe}, network alone, time to the best validation NDCG@10 of ${peer}`,
    value: (reached ?? curve.at(-1)!).seconds,
    unit: 's',
    peer: `${peer} in PyTorch, this run`,
    peerValue: seconds,
    details: { reached: reached !== undefined, validation: roundFigure(validation) },
  });
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: 'string' },
      interactions: { type: 'string' },
      items: { type: 'string' },
      users: { type: 'string' },
      split: { type: 'string' },
      recipe: { type: 'string', default: 'aws-user-personalization' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      protocol: { type: 'string', default: 'leave-one-out' },
      'mask-seen': { type: 'boolean' },
      'max-epochs': { type: 'string' },
      peers: { type: 'boolean', default: false },
    },
  });
  const named = values.interactions === undefined ? namedDataset(values.dataset ?? 'ml-100k') : undefined;
  const files: AccuracyFiles = {
    interactions: values.interactions ?? named!.interactions,
    items: values.items,
    users: values.users,
    split: values.split ?? named?.split,
  };
  if (!findRecipe(values.recipe)) throw new InvalidInputError(`--recipe is "${values.recipe}", which is no recipe.`);
  if (values.protocol !== 'leave-one-out' && values.protocol !== 'api') {
    throw new InvalidInputError(`--protocol is "${values.protocol}". Expected leave-one-out or api.`);
  }
  return {
    files,
    data: datasetName(files.interactions),
    recipe: values.recipe as RecipeName,
    protocol: values.protocol as Protocol,
    seeds: (values.seeds ?? values.seed).split(',').map((seed) => wholeNumber('--seeds', seed, 0)),
    maskSeen: values['mask-seen'],
    maxEpochs: values['max-epochs'] === undefined ? undefined : wholeNumber('--max-epochs', values['max-epochs'], 1),
    peers: values.peers,
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidInputError(`${option} has "${text}". Expected a whole number from ${least} to ${2 ** 32 - 1}.`);
}

function peerFigures(
  name: string,
  { hr10, ndcg10, recall25, mrr, wallSeconds, cpuSeconds }: LeaveOneOutFigures,
  common: Record<string, unknown>,
): ScorerFigures {
  return {
    name,
    seeds: [1],
    metrics: { hr_at_10: [hr10], ndcg_at_10: [ndcg10], recall_at_25: [recall25], mrr: [mrr] },
    details: { ...common, wall_s: wallSeconds, ...(cpuSeconds !== undefined && { cpu_s: cpuSeconds }) },
  };
}
