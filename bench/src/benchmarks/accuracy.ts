import { parseArgs } from 'node:util';
import {
  evaluateLeaveOneOut,
  ItemKnnRanker,
  leaveOneOut,
  loadTensorFlow,
  MarkovRanker,
  PopularityRanker,
  type Ranker,
  rankerOf,
  repeatRate,
  Scorer,
  type Split,
  train,
} from '@attune/recommender';
import { namedDataset, readAccuracyData } from '../accuracyData';
import { printFigure } from '../figure';
import { PUBLISHED_FIGURES } from '../publishedFigures';

export const description =
  'leave-one-out accuracy of the recipe beside baselines: --dataset ml-100k, or --interactions FILE';

/** Items are masked where fewer interactions than this repeat one of the user's history. */
const REPEATS_OF_SINGLE_USE = 0.05;

/**
 * `--dataset NAME` of `ATTUNE_DATASETS`, or `--interactions FILE.csv[.gz] [--split FILE]`; `--seed N`; `--mask-seen`
 * leaves out items of the history whatever the data says. Nothing is chosen on the test: stopping and mixing look at
 * the validation items alone.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: 'string' },
      interactions: { type: 'string' },
      split: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'mask-seen': { type: 'boolean' },
    },
  });
  const files =
    values.interactions === undefined
      ? namedDataset(values.dataset ?? 'ml-100k')
      : { interactions: values.interactions, ...(values.split !== undefined && { split: values.split }) };
  const { name, dataset, heldOut } = await readAccuracyData(files);
  const split = leaveOneOut(dataset, heldOut);
  const itemCount = dataset.itemIds.length;
  const excludeSeen = values['mask-seen'] ?? repeatRate(dataset, itemCount) < REPEATS_OF_SINGLE_USE;
  const report = (scorer: string, ranker: Ranker) =>
    reportRanker(name, scorer, ranker, split, { itemCount, excludeSeen });

  report('popularity', new PopularityRanker(split.training, itemCount));
  report('item-kNN', new ItemKnnRanker(split.training, itemCount));
  report('first-order Markov', new MarkovRanker(split.training, itemCount));
  report('Markov, lags 1 to 3', new MarkovRanker(split.training, itemCount, [1, 1 / 2, 1 / 3]));

  const tensorflow = await loadTensorFlow();
  console.error(tensorflow.reason);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const model = await train({
    dataset,
    split,
    tensorflow,
    seed: Number(values.seed),
    codeVersion: 'bench',
    now: () => performance.now(),
    excludeSeen,
    learnHeldOut: false,
  });
  const cpu = process.cpuUsage(cpuBefore);
  report('GRU alone', rankerOf('GRU alone', new Scorer(model, 0)));
  report(`GRU with transition memory (a = ${model.manifest.mixingWeight})`, rankerOf('model', new Scorer(model)));
  printFigure({ name: `${name} training wall`, value: (performance.now() - start) / 1000, unit: 's' });
  printFigure({ name: `${name} training CPU`, value: (cpu.user + cpu.system) / 1e6, unit: 's' });
}

function reportRanker(
  data: string,
  scorer: string,
  ranker: Ranker,
  split: Split,
  settings: { itemCount: number; excludeSeen: boolean },
): void {
  const metrics = evaluateLeaveOneOut(ranker, split.test, settings);
  const unit = `${split.test.length} users, ${settings.itemCount} items, ${settings.excludeSeen ? 'masked' : 'unmasked'}`;
  const peer = PUBLISHED_FIGURES[data]?.GRU4Rec;
  printFigure({
    name: `${data} ${scorer} HR@10`,
    value: metrics.hit_rate_at_10,
    unit,
    ...(peer && { peer: 'GRU4Rec in PyTorch', peerValue: peer.hr10 }),
  });
  printFigure({
    name: `${data} ${scorer} NDCG@10`,
    value: metrics.normalized_discounted_cumulative_gain_at_10,
    unit,
    ...(peer && { peer: 'GRU4Rec in PyTorch', peerValue: peer.ndcg10 }),
  });
}
