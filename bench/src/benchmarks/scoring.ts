import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildItemIndex } from '@attune/inference';
import {
  ApproximateScoring,
  type Dataset,
  decodeArtifact,
  ExactScoring,
  type HistoryState,
  historyOf,
  type ItemScoring,
  loadTensorFlow,
  type Model,
  Random,
  Scorer,
  SERVING_FILES,
  train,
} from '@attune/recommender';
import { namedDataset, readAccuracyData } from '../accuracy/accuracyData';
import { printFigure, quantile } from '../figure';
import { growModel } from '../grownModel';

export const description =
  'scoring alone, all items and by index: --items 3700,100000, --index-from 100000, --model FOLDER';

const LIST = 25;
const DATA = 'ml-latest-small';
/** Vectors need not be good, only trained: clustered, with popularity in their bias. */
const TRAINING_EPOCHS = 8;
const QUERIES = 200;

/** A user's state, and what the user has touched. */
interface Query {
  state: HistoryState;
  seen: ReadonlySet<number>;
}

/**
 * For each catalogue size: a list of 25 without the seen items, scored over all items and by the index, each beside the bare
 * product of the item vectors with one vector. The vectors are of a model trained on ml-latest-small; beyond its 9,724 items
 * they are made near real ones. Users are the data's, cut somewhere in their history.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      items: { type: 'string', default: '3700,100000,1000000' },
      'index-from': { type: 'string', default: '100000' },
      'index-up-to': { type: 'string', default: '1000000' },
      model: { type: 'string' },
      threads: { type: 'string', default: '1' },
    },
  });
  const { dataset } = await readAccuracyData(namedDataset(DATA));
  const model = values.model === undefined ? await trainModel(dataset) : await readModel(values.model);
  for (const items of values.items.split(',').map(Number)) {
    const scorer = new Scorer(growModel(model, items, new Random(1)));
    const queries = queriesOf(scorer, dataset, items);
    const exact = new ExactScoring(scorer);
    const name = `${items} items, ${scorer.model.weights.itemVectors.length / items} numbers each`;
    const floor = measureFloor(scorer, queries, name);
    const all = await timed(exact, queries);
    report('scoring_exact', name, all.milliseconds, floor);
    if (items < Number(values['index-from']) || items > Number(values['index-up-to'])) continue;
    await measureIndex(scorer, exact, queries, { name, floor, threads: Number(values.threads) });
  }
}

async function trainModel(dataset: Dataset): Promise<Model> {
  const tensorflow = await loadTensorFlow();
  const now = () => performance.now();
  return train({ dataset, tensorflow, seed: 1, codeVersion: 'bench', now, maxEpochs: TRAINING_EPOCHS });
}

async function readModel(folder: string): Promise<Model> {
  const files = SERVING_FILES.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return decodeArtifact(new Map(await Promise.all(files)));
}

function queriesOf(scorer: Scorer, { offsets, items, timestamps, itemIds }: Dataset, known: number): Query[] {
  const random = new Random(2);
  return Array.from({ length: QUERIES }, (_, user) => {
    const [from, to] = [offsets[user]!, offsets[user + 1]!];
    const end = from + 1 + Math.floor(random.uniform() * (to - from));
    const rows = Array.from({ length: end - from }, (_, at) => from + at);
    const events = rows
      .map((row) => ({ item: scorer.items.indexOf(itemIds[items[row]!]!)!, timestamp: timestamps[row]! }))
      .filter(({ item }) => item < known);
    return { state: scorer.stateOf(historyOf(events)), seen: new Set(events.map(({ item }) => item)) };
  });
}

/** The dot products that exact scoring can't do without, in the same plain JavaScript. */
function measureFloor(scorer: Scorer, queries: readonly Query[], name: string): number[] {
  const out = new Float32Array(scorer.items.ids.length);
  const milliseconds = queries.map(({ state }) => {
    const output = scorer.output(state);
    const start = performance.now();
    scorer.products(output, out);
    return performance.now() - start;
  });
  report('scoring_floor', `bare dot products, ${name}`, milliseconds);
  return milliseconds;
}

/** Lists for all queries; the first quarter is asked for once before, to warm up. */
async function timed(scoring: ItemScoring, queries: readonly Query[]) {
  for (const { state, seen } of queries.slice(0, queries.length / 4)) await scoring.top({ ...state }, LIST, seen);
  const milliseconds: number[] = [];
  const lists: Awaited<ReturnType<ItemScoring['top']>>[] = [];
  for (const { state, seen } of queries) {
    const start = performance.now();
    // A new object: what is kept for a state shall not help.
    lists.push(await scoring.top({ ...state }, LIST, seen));
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, lists };
}

async function measureIndex(
  scorer: Scorer,
  exact: ExactScoring,
  queries: readonly Query[],
  { name, floor, threads }: { name: string; floor: readonly number[]; threads: number },
): Promise<void> {
  const items = scorer.items.ids.length;
  const before = process.memoryUsage.rss();
  const [start, cpuBefore] = [performance.now(), process.cpuUsage()];
  const index = buildItemIndex({ ...scorer.model.weights, threads });
  await index.ready;
  const cpu = process.cpuUsage(cpuBefore);
  printFigure({
    name: 'index_build',
    value: (performance.now() - start) / 1000,
    unit: `s (${threads} threads, ${name})`,
  });
  printFigure({ name: 'index_build_cpu', value: (cpu.user + cpu.system) / 1e6, unit: `s of CPU (${name})` });
  const bytes = (process.memoryUsage.rss() - before) / items;
  printFigure({ name: 'index_memory', value: bytes, unit: `bytes an item, resident (${name})` });
  const approximate = new ApproximateScoring(scorer, index, new Random(1));
  const { milliseconds, lists } = await timed(approximate, queries);
  report('scoring_by_index', name, milliseconds, floor);
  let [found, listed, error] = [0, 0, 0];
  for (const [query, list] of lists.entries()) {
    const { state, seen } = queries[query]!;
    const truth = exact.top(state, LIST, seen);
    const scores = new Map(list.map(({ item, score }) => [item, score]));
    listed += truth.length;
    found += truth.filter(({ item }) => scores.has(item)).length;
    error += truth.reduce((sum, { item, score }) => sum + Math.abs(Math.log((scores.get(item) ?? score) / score)), 0);
  }
  printFigure({
    name: 'index_recall_at_25',
    value: found / listed,
    unit: `of the exact list (${QUERIES} users, ${name})`,
    peer: 'goal',
    peerValue: 0.95,
  });
  printFigure({ name: 'index_score_error', value: error / listed, unit: `mean |ln(score / exact score)| (${name})` });
  await index.close();
}

function report(name: string, what: string, milliseconds: readonly number[], floor?: readonly number[]): void {
  for (const [quantileName, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    printFigure({
      name: `${name}_${quantileName}`,
      value: quantile(milliseconds, share),
      unit: `ms (${what})`,
      ...(floor && { peer: 'bare dot products', peerValue: quantile(floor, share) }),
    });
  }
}
