import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { leaveOneOut, loadTensorFlow, Scorer, train } from '@attune/recommender';
import { namedDataset } from '../accuracy/accuracyData';
import { isHeldOut, readColdItemData } from '../coldItemData';
import { printFigure } from '../figure';

export const description =
  'how items that no one has touched are ranked from their metadata: --dataset ml-100k, amazon-toys';

/**
 * All interactions of a tenth of the items are taken out of the data, and a model is trained on the rest. Each user who
 * touched some of those is asked for the last of them, after what came before: where does it rank among the held-out items,
 * all of which the model knows by metadata alone? Beside it stands the popularity that the items came to have, which no one
 * could know on their first day, and chance. `--epochs N` ends training early, `--seed N`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: 'string', default: 'ml-100k' },
      epochs: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const files = namedDataset(values.dataset);
  const metadata = (kind: string) => files.interactions.replace('.interactions.', `.${kind}.`);
  const { dataset, questions, popularity, users } = await readColdItemData({
    ...files,
    items: metadata('items'),
    ...(existsSync(metadata('users')) && { users: metadata('users') }),
  });
  const tensorflow = await loadTensorFlow();
  console.error(tensorflow.reason);
  const model = await train({
    dataset,
    split: leaveOneOut(dataset),
    tensorflow,
    seed: Number(values.seed),
    codeVersion: 'bench',
    now: () => performance.now(),
    learnHeldOut: false,
    ...(values.epochs !== undefined && { maxEpochs: Number(values.epochs) }),
  });
  const scorer = new Scorer(model);
  const cold = model.items.ids.flatMap((id, index) => (isHeldOut(id) ? [index] : []));
  const ranks: { ours: number[]; popular: number[] } = { ours: [], popular: [] };
  const scores = new Float32Array(model.items.ids.length);
  const shares: number[] = [];
  for (const { userId, history, itemId } of questions) {
    const target = model.items.indexOf(itemId);
    if (target === undefined) continue;
    const events = history.flatMap((event) => {
      const item = model.items.indexOf(event.itemId);
      return item === undefined ? [] : [{ ...event, item }];
    });
    scorer.score(scorer.asking(scorer.stateAfter(events), { user: users.get(userId) }), scores);
    ranks.ours.push(rankAmong(cold, target, (item) => scores[item]!));
    ranks.popular.push(rankAmong(cold, target, (item) => popularity.get(model.items.ids[item]!) ?? 0));
    shares.push(cold.reduce((sum, item) => sum + scores[item]!, 0));
  }
  const unit = `${ranks.ours.length} users, ${cold.length} held-out items`;
  const chance = cold.map((_, index) => index + 1);
  for (const [name, of] of Object.entries(FIGURES)) {
    const report = (ranker: string, value: number, peer: string, peerValue: number) =>
      printFigure({ name: `${values.dataset} new items by ${ranker}, ${name}`, value, unit, peer, peerValue });
    report('metadata', of(ranks.ours), 'chance', of(chance));
    report('metadata', of(ranks.ours), 'popularity they came to have', of(ranks.popular));
  }
  const share = shares.reduce((sum, each) => sum + each, 0) / shares.length;
  printFigure({ name: `${values.dataset} probability of all held-out items together`, value: share, unit });
}

const FIGURES: Readonly<Record<string, (ranks: readonly number[]) => number>> = {
  'recall@10': (ranks) => mean(ranks.map((rank) => (rank <= 10 ? 1 : 0))),
  'NDCG@10': (ranks) => mean(ranks.map((rank) => (rank <= 10 ? 1 / Math.log2(1 + rank) : 0))),
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Counted from 1; items of equal score share the middle of their ranks. */
function rankAmong(items: readonly number[], target: number, scoreOf: (item: number) => number): number {
  const score = scoreOf(target);
  const above = items.filter((item) => scoreOf(item) > score).length;
  const equal = items.filter((item) => scoreOf(item) === score).length;
  return 1 + above + (equal - 1) / 2;
}
