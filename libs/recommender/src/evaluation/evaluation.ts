import type { History } from '../data/sequences';
import type { EvaluationCase } from '../data/splits';
import { topK } from '../serving/topK';
import {
  LIST_LENGTH,
  type NextItemMetrics,
  nextItemMetrics,
  type SolutionMetrics,
  SolutionMetricsAverage,
} from './metrics';

/** Anything that scores the whole catalogue from a history: a model, or a baseline to hold it against. */
export interface Ranker {
  readonly name: string;
  /**
   * @param out [items] receives a score per item; higher is better, only the order counts
   * @param targetRow row of the dataset of the event that is asked for: its user and context may count
   */
  score(history: History, out: Float32Array, targetRow?: number): void;
}

export interface EvaluationSettings {
  /** The size of the catalogue that is ranked. */
  itemCount: number;
  /** Whether items of the history are taken out of the ranking, except those that are the truth. */
  excludeSeen: boolean;
}

/** The API's metrics of a ranker: a list of 25 against all held-out items of each user. */
export function evaluateSolution(
  ranker: Ranker,
  cases: readonly EvaluationCase[],
  settings: EvaluationSettings,
): SolutionMetrics {
  return evaluate(ranker, cases, settings).solution;
}

/** The literature's next-item figures of a ranker: where the first held-out item of each user ranks among all items. */
export function evaluateLeaveOneOut(
  ranker: Ranker,
  cases: readonly EvaluationCase[],
  settings: EvaluationSettings,
): NextItemMetrics {
  return evaluate(ranker, cases, settings).nextItem;
}

/** Both kinds of figures. */
export interface Evaluation {
  solution: SolutionMetrics;
  nextItem: NextItemMetrics;
  /** [cases] NDCG@10 of each list of the solution's metrics. */
  gains10: Float64Array;
}

/** Both kinds of figures from scoring each case once. */
export function evaluate(
  ranker: Ranker,
  cases: readonly EvaluationCase[],
  { itemCount, excludeSeen }: EvaluationSettings,
): Evaluation {
  const average = new SolutionMetricsAverage(itemCount);
  const scores = new Float32Array(itemCount);
  const gains10 = new Float64Array(cases.length);
  const ranks = cases.map(({ history, truth, truthRows }, index) => {
    ranker.score(history, scores, truthRows?.[0]);
    if (excludeSeen) hideSeen(scores, history.items, truth);
    const list = topK(scores, LIST_LENGTH, (item) => scores[item] === Number.NEGATIVE_INFINITY);
    gains10[index] = average.add(
      list.map(({ item }) => item),
      new Set(truth),
    );
    return rankOf(truth[0]!, scores);
  });
  return { solution: average.result(), nextItem: nextItemMetrics(ranks), gains10 };
}

/**
 * The rank of an item among all, counted from 1. Items of equal score share the middle of their ranks, so that no
 * figure depends on the order in which a sort leaves ties.
 */
export function rankOf(target: number, scores: ArrayLike<number>): number {
  const score = scores[target]!;
  let greater = 0;
  let equal = 0;
  for (let item = 0; item < scores.length; item++) {
    if (scores[item]! > score) greater++;
    else if (scores[item] === score) equal++;
  }
  return 1 + greater + (equal - 1) / 2;
}

/** Takes the items of a history out of a ranking, but for those that are the truth. */
export function hideSeen(scores: Float32Array, history: Int32Array, truth: Int32Array): void {
  const kept = Array.from(truth, (item) => scores[item]!);
  for (const item of history) scores[item] = Number.NEGATIVE_INFINITY;
  truth.forEach((item, index) => {
    scores[item] = kept[index]!;
  });
}
