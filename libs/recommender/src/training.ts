import { InvalidInputError } from '@attune/domain';
import type { Dataset } from './dataset';
import { evaluate, type Ranker } from './evaluation';
import { type Hyperparameters, parseHyperparameters } from './hyperparameters';
import { catalogueOf } from './itemCatalogue';
import { predictionCount } from './laneBatches';
import { FORMAT_VERSION, type Model, type ModelManifest, type ModelMetrics, RECIPE, type ServedModel } from './model';
import { NetworkTraining, type NetworkTrainingOptions } from './networkTraining';
import { PopularityRanker, popularityDistribution } from './popularity';
import { rankerOf, Scorer } from './scorer';
import { repeatRate, type Sequences } from './sequences';
import { heldOutUsers, type Split } from './splits';
import { checkTrainable } from './trainability';
import { MAX_HISTORY, planTraining, withinLengthPercentiles } from './trainingPlan';
import { learnTransitions } from './transitions';
import { Validation } from './validation';

/** The same seed on the same backend gives the same model, byte for byte, unless time runs out. */
export interface TrainingOptions extends NetworkTrainingOptions {
  dataset: Dataset;
  /** Default: each one's default. */
  hyperparameters?: Hyperparameters;
  /** Goes into the manifest. */
  codeVersion: string;
  /** Default: the API's, 10% of the users held out. */
  split?: Split;
  /** Whether lists leave out what the user has touched. Default: yes where under 5% of the interactions are repeats. */
  excludeSeen?: boolean;
  /** Whether a last epoch over all data teaches the held-out events too, after the metrics were taken. @default true */
  learnHeldOut?: boolean;
}

/** Data with more repeats than this is of the kind where people come back to items: songs, groceries. */
const REPEAT_RATE_OF_SINGLE_USE = 0.05;

/**
 * Trains the recipe: a network with early stopping on validation, a transition memory beside it, and the weight that
 * mixes them best. A batch keeps the event loop waiting for tens of milliseconds, so run it in a process of its own.
 * @throws InvalidInputError where the data is too little
 */
export async function train(options: TrainingOptions): Promise<Model> {
  const { dataset, seed } = options;
  checkTrainable(dataset);
  const itemCount = dataset.itemIds.length;
  const hyperparameters = options.hyperparameters ?? parseHyperparameters();
  const split = options.split ?? heldOutUsers(dataset, seed);
  const repeats = repeatRate(dataset, itemCount);
  const excludeSeen = options.excludeSeen ?? repeats < REPEAT_RATE_OF_SINGLE_USE;
  const training = eligible(split.training, hyperparameters);
  const memory = remember(training, itemCount, hyperparameters);
  const plan = planTraining(training, hyperparameters);

  const network = new NetworkTraining(options, hyperparameters, plan, memory.popularity);
  try {
    const validation = new Validation(split.validation, { itemCount, maxHistory: MAX_HISTORY, excludeSeen });
    const { weights, ...fit } = await network.fit(training, validation);
    const mixingWeight = validation.bestMixingWeight(network.trainer, memory.transitions, memory.popularity);
    const serving = { excludeSeen, maxHistory: MAX_HISTORY, mixingWeight };
    const items = catalogueOf(dataset);
    network.report('evaluating');
    const metrics = measure({ manifest: serving, items, weights, ...memory }, split);

    const learnedHeldOut = options.learnHeldOut ?? true;
    const manifest: ModelManifest = {
      formatVersion: FORMAT_VERSION,
      recipe: RECIPE,
      hyperparameters,
      seed,
      backend: options.tensorflow.backend,
      codeVersion: options.codeVersion,
      trainingWindow: trainingWindow(dataset),
      repeatRate: repeats,
      ...serving,
      learningCurve: fit.curve,
      bestEpoch: fit.bestEpoch,
      stopped: fit.stopped,
      learnedHeldOut,
      metrics,
    };
    const model: Model = { manifest, items, weights, ...memory };
    const everything = eligible(dataset, hyperparameters);
    const final = learnedHeldOut
      ? {
          ...model,
          weights: await network.learnOnce(everything),
          ...remember(everything, itemCount, hyperparameters),
        }
      : model;
    network.report('finishing', { fraction: 1 });
    return final;
  } finally {
    network.dispose();
  }
}

/** The histories that the length percentiles leave for training. */
function eligible(sequences: Sequences, hyperparameters: Hyperparameters): Sequences {
  const { min_user_history_length_percentile: low, max_user_history_length_percentile: high } = hyperparameters;
  const kept = withinLengthPercentiles(sequences, low, high);
  if (predictionCount(kept) === 0) {
    throw new InvalidInputError(
      `No user with 2 or more interactions is left to train on between the history length percentiles ${low} and ${high}. Widen min_user_history_length_percentile and max_user_history_length_percentile.`,
    );
  }
  return kept;
}

function remember(sequences: Sequences, itemCount: number, { recency_mask: recencyMask }: Hyperparameters) {
  return {
    transitions: learnTransitions(sequences, itemCount),
    popularity: popularityDistribution(sequences, itemCount, recencyMask),
  };
}

function trainingWindow({ timestamps, items, userIds, itemIds }: Dataset): ModelManifest['trainingWindow'] {
  return {
    firstTimestamp: timestamps.reduce((first, timestamp) => Math.min(first, timestamp), Number.POSITIVE_INFINITY),
    lastTimestamp: timestamps.reduce((last, timestamp) => Math.max(last, timestamp), Number.NEGATIVE_INFINITY),
    interactions: items.length,
    users: userIds.length,
    items: itemIds.length,
  };
}

/** The figures of a split, by the code that serves. */
function measure(model: ServedModel, split: Split): ModelMetrics {
  const itemCount = model.items.ids.length;
  const of = (ranker: Ranker) => evaluate(ranker, split.test, { itemCount, excludeSeen: model.manifest.excludeSeen });
  const whole = of(rankerOf('model', new Scorer(model)));
  const network = of(rankerOf('network', new Scorer(model, 0)));
  const popularity = of(new PopularityRanker(split.training, itemCount));
  return {
    split: split.name,
    cases: split.test.length,
    model: whole.solution,
    network: network.solution,
    popularity: popularity.solution,
    nextItem: { model: whole.nextItem, network: network.nextItem, popularity: popularity.nextItem },
  };
}
