import type { ItemCatalogue } from '../data/itemCatalogue';
import type { Split } from '../data/splits';
import { type Evaluation, evaluate, type Ranker } from '../evaluation/evaluation';
import type { DatasetFeatures } from '../features/modelFeatures';
import type { LearnedParameters, ModelComparison, ModelMetrics, ServedModel, UpdatableModel } from '../serving/model';
import { PopularityRanker } from '../serving/popularity';
import { rankerOf, Scorer } from '../serving/scorer';
import { affordable } from './validation';
import { rankerOfEarlier } from './warmStart';

/** What is measured: a model before it learned the held-out events. */
export interface MeasuredModel {
  manifest: ServedModel['manifest'];
  items: ItemCatalogue;
  learned: LearnedParameters;
  /** The features of the data that the split is of. Absent where the model has none. */
  features?: DatasetFeatures | undefined;
}

/** A model to hold another against, with the features of today's data by its columns. */
export interface EarlierModel {
  model: UpdatableModel;
  features?: DatasetFeatures | undefined;
}

/** The figures of a split, by the code that serves. @param before the model to hold this one against, if any */
export function measure(
  { manifest, items, learned, features }: MeasuredModel,
  split: Split,
  before?: EarlierModel,
): ModelMetrics {
  const itemCount = items.ids.length;
  const cases = affordable(split.test, itemCount);
  const of = (ranker: Ranker) => evaluate(ranker, cases, { itemCount, excludeSeen: manifest.excludeSeen });
  const model = { manifest, items, ...learned };
  const whole = of(rankerOf('model', new Scorer(model), features));
  const network = of(rankerOf('network', new Scorer(model, 0), features));
  const popularity = of(new PopularityRanker(split.training, itemCount));
  return {
    split: split.name,
    cases: cases.length,
    model: whole.solution,
    network: network.solution,
    popularity: popularity.solution,
    nextItem: { model: whole.nextItem, network: network.nextItem, popularity: popularity.nextItem },
    ...(before && { comparison: compare(of(rankerOfEarlier(before.model, items, before.features)), whole) }),
  };
}

/** Pairing user by user takes the differences between users out of the standard error. */
function compare(before: Evaluation, after: Evaluation): ModelComparison {
  const differences = after.gains10.map((gain, user) => gain - before.gains10[user]!);
  const users = differences.length;
  const difference = differences.reduce((sum, value) => sum + value, 0) / users;
  const squares = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0);
  // One user tells nothing about the spread.
  const standardError = users > 1 ? Math.sqrt(squares / (users - 1) / users) : 1;
  return { before: before.solution, difference, standardError };
}
