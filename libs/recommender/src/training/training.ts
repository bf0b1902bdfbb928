import { InvalidInputError } from '@attune/domain';
import type { Dataset } from '../data/dataset';
import { incrementOf, newSince } from '../data/increment';
import { catalogueOf } from '../data/itemCatalogue';
import { Random } from '../data/random';
import { eventWeightsOf, itemCounts, repeatRate, type Sequences } from '../data/sequences';
import { type EvaluationCase, heldOutUsers, type Split } from '../data/splits';
import { checkTrainable } from '../data/trainability';
import { describeUntouchedItems } from '../features/itemContent';
import { featuresOf, fitModelFeatures, hasFeatures, type ModelFeatures } from '../features/modelFeatures';
import type { NetworkWeights } from '../networks/encoder';
import { predictionCount } from '../networks/laneBatches';
import { DEFAULT_RECIPE, type RecipeName } from '../networks/recipeName';
import { recipeOf } from '../networks/recipes';
import {
  FORMAT_VERSION,
  type LearnedParameters,
  type ModelManifest,
  type ModelMetrics,
  type TrainingStory,
  type UpdatableModel,
} from '../serving/model';
import { popularityDistribution } from '../serving/popularity';
import { learnTransitions } from '../serving/transitions';
import type { Saved } from './checkpoint';
import { type Checkpoints, checkpointing } from './checkpointing';
import type { HyperparameterSearch } from './hyperparameterSearch';
import { type Hyperparameters, parseHyperparameters, writeHyperparameters } from './hyperparameters';
import { runTrials } from './hyperparameterTrials';
import { measure as measureModel } from './measurement';
import { NetworkTraining, type NetworkTrainingOptions } from './networkTraining';
import { secondsLeft } from './timeBudget';
import { checkTrainingMemory } from './trainingMemory';
import { planMore, updateOf, withinLengthPercentiles } from './trainingPlan';
import { Validation } from './validation';
import { carryOver } from './warmStart';

/** The same seed on the same backend gives the same model, byte for byte, unless time runs out. */
export interface TrainingOptions extends Omit<NetworkTrainingOptions, 'startedAt' | 'onCurve' | 'betweenBatches'> {
  dataset: Dataset;
  /**
   * The model to update: training goes on from its parameters, with its hyperparameters and its held-out users, for fewer
   * epochs. Default: training begins anew.
   */
  base?: UpdatableModel;
  /**
   * The model to measure beside the new one, on users that neither has seen: its held-out users are held out again.
   * Default: the base, if any.
   */
  compareWith?: UpdatableModel;
  /** Default: aws-user-personalization. An update keeps that of its base. */
  recipe?: RecipeName;
  /** Of that recipe. Default: each one's default. An update keeps those of its base. */
  hyperparameters?: Hyperparameters;
  /** Which hyperparameters to search first. An update has no use for it. Default: none, all are as given. */
  search?: HyperparameterSearch;
  /** Told of every epoch, and of every step of a search. */
  onStory?: (story: TrainingStory) => void;
  /** Where the training leaves what it needs to go on after a crash. Default: nowhere. */
  checkpoints?: Checkpoints;
  /**
   * A checkpoint of a training with these very options, to go on from: the model is the same as without the crash. Default: the
   * training begins.
   */
  resume?: Saved;
  /** Data that would take more memory is refused. Default: none is. */
  memoryLimitBytes?: number;
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

/** An update looks at fewer users to decide when to stop: looking at 2,000 costs more than what it learns. */
const MOST_UPDATE_VALIDATION = 500;

/**
 * Trains the recipe: a network with early stopping on validation, a transition memory beside it, and the weight that
 * mixes them best. A batch keeps the event loop waiting for tens of milliseconds, so run it in a process of its own.
 * @throws InvalidInputError where the data is too little
 */
export async function train(options: TrainingOptions): Promise<UpdatableModel> {
  const { dataset, base } = options;
  checkTrainable(dataset);
  const itemCount = dataset.itemIds.length;
  const recipe = recipeOf(base?.manifest.recipe ?? options.recipe ?? DEFAULT_RECIPE);
  const given = base?.manifest.hyperparameters ?? options.hyperparameters ?? parseHyperparameters({}, recipe);
  // Users that were drawn anew would be users whose events the model before has learned.
  const before = options.compareWith ?? base;
  const seed = before?.manifest.seed ?? options.seed;
  const split = options.split ?? heldOutUsers(dataset, seed, before?.manifest.testDraw);
  const repeats = repeatRate(dataset, itemCount);
  const excludeSeen = options.excludeSeen ?? repeats < REPEAT_RATE_OF_SINGLE_USE;
  const training = eligible(split.training, given);
  const items = catalogueOf(dataset);
  const networks = options.search && !base ? Math.ceil(options.search.trials / 3) + 1 : 1;
  const { embedding } = recipe.plan(training, given);
  checkTrainingMemory(dataset, { embedding, networks }, options.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
  const since = base && newSince(dataset, base.manifest.trainingWindow);
  const learned = (sequences: Sequences, maxHistory: number) =>
    since === undefined ? sequences : incrementOf(sequences, since, maxHistory, new Random(seed));
  const asked = base ? thinned(split.validation, MOST_UPDATE_VALIDATION) : split.validation;
  const validation = new Validation(asked, { itemCount, excludeSeen });
  const columns = base ? base.manifest.features : fitModelFeatures(dataset);
  const featuresBy = (by: ModelFeatures | undefined) => (by && hasFeatures(by) ? featuresOf(dataset, by) : undefined);
  const features = featuresBy(columns);
  const data = { eventWeights: dataset.eventWeights, features };
  const { search } = options;
  const resume = options.resume as SavedTraining | undefined;
  let story: TrainingStory = resume?.story ?? { curve: [] };
  const tell = (change: Partial<TrainingStory>) => {
    story = { ...story, ...change };
    options.onStory?.(story);
  };
  const onCurve = (curve: TrainingStory['curve']) => tell({ curve });
  const startedAt = options.now() - (resume?.elapsedMs ?? 0);
  let save: () => Pick<SavedTraining, 'network' | 'trials'> = () => ({});
  const saveAll = () => ({ story, elapsedMs: options.now() - startedAt, ...save() });
  const betweenBatches = options.checkpoints && checkpointing(options.checkpoints, options, saveAll);
  const began = { ...options, seed, startedAt, onCurve, ...(betweenBatches && { betweenBatches }) };
  const remember = (sequences: Sequences, chosen: Hyperparameters) => {
    const weights = eventWeightsOf(sequences, dataset.eventWeights);
    return {
      transitions: learnTransitions(sequences, itemCount, weights),
      popularity: popularityDistribution(sequences, itemCount, recipe.weighsRecency(chosen), weights),
    };
  };
  const begin = (chosen: Hyperparameters, onProgress = options.onProgress) => {
    const memory = remember(training, chosen);
    const { popularity } = memory;
    const carried = (from: LearnedParameters) => ({
      popularity,
      weights: carryOver(from, base!.items, items, training, popularity, features?.items),
    });
    const start = base ? carried(base.measured) : { popularity };
    const fullPlan = recipe.plan(training, chosen);
    const toLearn = learned(training, fullPlan.maxHistory);
    const share = toLearn.items.length / training.items.length;
    const plan = base ? { ...updateOf(fullPlan, share), lanes: recipe.plan(toLearn, chosen).lanes } : fullPlan;
    const settings = { ...began, ...(onProgress && { onProgress }) };
    const network = new NetworkTraining(settings, recipe, chosen, plan, start, data);
    return {
      hyperparameters: chosen,
      memory,
      network,
      fit: (epochs?: number) => network.fit(toLearn, validation, epochs),
      /** What is new in other data, from other parameters of the base on. */
      follow: async (from: LearnedParameters, sequences: Sequences, passes: number) => {
        const follower = new NetworkTraining(began, recipe, chosen, plan, carried(from), data);
        try {
          follower.report('finishing');
          return await follower.learn(learned(sequences, plan.maxHistory), passes);
        } finally {
          follower.dispose();
        }
      },
      save: () => network.save(),
      load: (saved: Saved) => network.load(saved),
      dispose: () => network.dispose(),
    };
  };
  const searched =
    search && !base
      ? await runTrials({
          search,
          start: writeHyperparameters(given),
          seed,
          begin: (settings, onProgress) => begin(parseHyperparameters(settings, recipe), onProgress),
          outOfTime: () => secondsLeft(began) <= 0,
          onProgress: options.onProgress,
          onTrials: (trials) => tell({ search: { objective: search.objective, trials: [...trials] } }),
          onSave: (saveTrials) => {
            save = () => ({ trials: saveTrials() });
          },
          saved: resume?.trials,
        })
      : undefined;

  const begun = searched?.network ?? begin(given);
  const { hyperparameters, memory } = begun;
  let { network } = begun;
  try {
    if (!searched) {
      save = () => ({ network: network.save() });
      if (resume?.network) network.load(resume.network);
    }
    const { weights, ...fit } = await begun.fit();
    const secondsPerEpoch = (options.now() - startedAt) / 1000 / Math.max(1, fit.curve.length);
    network.restoreBest();
    const mixingWeight =
      base?.manifest.mixingWeight ??
      validation.bestMixingWeight(network.trainer, memory.transitions, memory.popularity);
    const serving = {
      recipe: recipe.name,
      excludeSeen,
      maxHistory: network.trainer.maxHistory,
      mixingWeight,
      ...(features && { features: features.columns }),
    };
    network.report('evaluating');
    const described = (learned: NetworkWeights, from: Sequences) =>
      features ? describeUntouchedItems(learned, itemCounts(from, itemCount), features.items) : learned;
    const learnMore = async (
      from: Sequences,
      all: Sequences,
      before?: LearnedParameters,
    ): Promise<LearnedParameters> => {
      const more = remember(all, hyperparameters);
      const left = secondsLeft(began);
      if (before && left > 0) {
        return { weights: described(await begun.follow(before, all, Math.max(1, fit.bestEpoch)), all), ...more };
      }
      const { anew, passes } = planMore(from, all, fit.bestEpoch, left / secondsPerEpoch);
      if (anew) {
        network.dispose();
        network = new NetworkTraining(began, recipe, hyperparameters, recipe.plan(all, hyperparameters), more, data);
      }
      network.report('finishing');
      return { weights: described(await network.learn(all, passes), all), ...more };
    };
    const chosen = { weights: described(weights, training), ...memory };
    const known = split.withValidation && eligible(split.withValidation, hyperparameters);
    const measured = known ? await learnMore(training, known, base?.measured) : chosen;
    const earlier = before && { model: before, features: featuresBy(before.manifest.features) };
    const measure = (learned: LearnedParameters) =>
      measureModel({ manifest: serving, items, learned, features }, split, earlier);
    const metrics: ModelMetrics = {
      ...measure(measured),
      ...(known && { beforeValidation: nextItemFigures(measure(chosen)) }),
    };

    const learnHeldOut = options.learnHeldOut ?? true;
    const manifest: ModelManifest = {
      formatVersion: FORMAT_VERSION,
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
      learnedHeldOut: learnHeldOut && secondsLeft(began) > 0,
      ...(split.testDraw !== undefined && { testDraw: split.testDraw }),
      ...(base && { base: base.manifest.trainingWindow }),
      ...(search && searched && { search: { objective: search.objective, trials: searched.trials } }),
      metrics,
    };
    const everything = eligible(dataset, hyperparameters);
    const served = learnHeldOut ? await learnMore(known ?? training, everything, base) : measured;
    network.report('finishing', { fraction: 1 });
    return { manifest, items, ...served, measured };
  } finally {
    network.dispose();
  }
}

/** What a training is saved as. */
interface SavedTraining {
  readonly story: TrainingStory;
  /** What the training has taken so far. */
  readonly elapsedMs: number;
  /** The one network of a training without a search. */
  readonly network?: Saved;
  readonly trials?: Saved;
}

const nextItemFigures = ({ nextItem: { model, network } }: ModelMetrics) => ({ model, network });

/** So many of the cases, from all over. */
function thinned(cases: readonly EvaluationCase[], most: number): readonly EvaluationCase[] {
  const step = Math.max(1, cases.length / most);
  return Array.from({ length: Math.min(most, cases.length) }, (_, index) => cases[Math.floor(index * step)]!);
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

function trainingWindow({ timestamps, items, userIds, itemIds }: Dataset): ModelManifest['trainingWindow'] {
  return {
    firstTimestamp: timestamps.reduce((first, timestamp) => Math.min(first, timestamp), Number.POSITIVE_INFINITY),
    lastTimestamp: timestamps.reduce((last, timestamp) => Math.max(last, timestamp), Number.NEGATIVE_INFINITY),
    interactions: items.length,
    users: userIds.length,
    items: itemIds.length,
  };
}
