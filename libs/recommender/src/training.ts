import { setImmediate } from 'node:timers/promises';
import { AttuneError } from '@attune/domain';
import type { Dataset } from './dataset';
import { evaluate, type Ranker } from './evaluation';
import { GruTrainer } from './gruTrainer';
import { type GruWeights, initialGruWeights } from './gruWeights';
import { type Hyperparameters, parseHyperparameters } from './hyperparameters';
import { catalogueOf } from './itemCatalogue';
import { laneBatches, predictionCount } from './laneBatches';
import {
  FORMAT_VERSION,
  type LearningCurvePoint,
  type Model,
  type ModelManifest,
  type ModelMetrics,
  RECIPE,
} from './model';
import { PopularityRanker, popularityDistribution } from './popularity';
import { Random } from './random';
import { Scorer } from './scorer';
import { recencyWeights, repeatRate, type Sequences } from './sequences';
import { heldOutUsers, type Split } from './splits';
import type { TensorFlow } from './tensorflow';
import { checkTrainable } from './trainability';
import { MAX_HISTORY, planTraining, type TrainingPlan, withinLengthPercentiles } from './trainingPlan';
import { learnTransitions } from './transitions';
import { Validation } from './validation';

export interface TrainingOptions {
  dataset: Dataset;
  tensorflow: TensorFlow;
  /** Default: each one's default. */
  hyperparameters?: Hyperparameters;
  /** Unsigned, 32 bits. The same seed on the same backend gives the same model, byte for byte. */
  seed: number;
  /** Goes into the manifest. */
  codeVersion: string;
  /** Milliseconds since any origin, never going back: `performance.now`. */
  now: () => number;
  /** Default: the API's, 10% of the users held out. */
  split?: Split;
  /** Whether lists leave out what the user has touched. Default: yes where under 5% of the interactions are repeats. */
  excludeSeen?: boolean;
  /** Whether a last epoch over all data teaches the held-out events too, after the metrics were taken. @default true */
  learnHeldOut?: boolean;
  /** After so many seconds training stops with the best epoch so far; the manifest's `stopped` is then 'time'. */
  timeBudgetSeconds?: number;
  /** Default: what the plan for data of this size says. */
  maxEpochs?: number;
  /** Aborting it makes `train` reject with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainingProgress {
  phase: 'training' | 'evaluating' | 'finishing';
  /** Counted from 1. */
  epoch: number;
  /** The most epochs there can be; early stopping makes it fewer. */
  epochs: number;
  /** Batches of this epoch that are done. */
  batch: number;
  /** Batches of an epoch, about. */
  batches: number;
  /** Mean over the epoch so far, in nats. */
  loss: number;
  /** NDCG@10 on validation after the last whole epoch. */
  validation?: number;
  secondsElapsed: number;
  /** 0 to 1, never falling. */
  fraction: number;
}

/** How far progress is when the epochs are over; measuring and the last pass take the rest. */
const EPOCHS_SHARE = 0.95;

/** Data with more repeats than this is of the kind where people come back to items: songs, groceries. */
const REPEAT_RATE_OF_SINGLE_USE = 0.05;

/**
 * Trains the recipe: a network with early stopping on validation, a transition memory beside it, and their mixing
 * weight. Batches keep the event loop waiting for tens of milliseconds each, so run it in a process of its own.
 * @throws InvalidInputError where the data is too little
 */
export async function train(options: TrainingOptions): Promise<Model> {
  const { dataset, seed, tensorflow } = options;
  checkTrainable(dataset);
  const hyperparameters = options.hyperparameters ?? parseHyperparameters();
  const split = options.split ?? heldOutUsers(dataset, seed);
  const itemCount = dataset.itemIds.length;
  const repeats = repeatRate(dataset, itemCount);
  const excludeSeen = options.excludeSeen ?? repeats < REPEAT_RATE_OF_SINGLE_USE;
  const eligible = (sequences: Sequences) =>
    withinLengthPercentiles(
      sequences,
      hyperparameters.min_user_history_length_percentile,
      hyperparameters.max_user_history_length_percentile,
    );
  const training = eligible(split.training);
  const plan = planTraining(training, hyperparameters);
  const remember = (sequences: Sequences) => ({
    transitions: learnTransitions(sequences, itemCount),
    popularity: popularityDistribution(sequences, itemCount, hyperparameters.recency_mask),
  });
  const memory = remember(training);
  const run = new NetworkTraining(options, hyperparameters, plan, memory.popularity);
  try {
    const validation = new Validation(split.validation, { itemCount, maxHistory: MAX_HISTORY, excludeSeen });
    const fit = await run.fit(training, validation);
    const mixingWeight = validation.bestMixingWeight(run.trainer, memory.transitions, memory.popularity);
    const manifest: Omit<ModelManifest, 'metrics'> = {
      formatVersion: FORMAT_VERSION,
      recipe: RECIPE,
      hyperparameters,
      seed,
      backend: tensorflow.backend,
      codeVersion: options.codeVersion,
      trainingWindow: trainingWindow(dataset),
      repeatRate: repeats,
      excludeSeen,
      maxHistory: MAX_HISTORY,
      mixingWeight,
      learningCurve: fit.curve,
      bestEpoch: fit.bestEpoch,
      stopped: fit.stopped,
      learnedHeldOut: options.learnHeldOut ?? true,
    };
    const measured = { manifest, items: catalogueOf(dataset), weights: fit.weights, ...memory };
    run.report('evaluating', { fraction: EPOCHS_SHARE });
    const metrics = measure(measured as Model, split, excludeSeen);
    const model: Model = { ...measured, manifest: { ...manifest, metrics } };
    run.report('finishing');
    const everything = eligible(dataset);
    const final = manifest.learnedHeldOut
      ? { ...model, ...remember(everything), weights: await run.learnOnce(everything) }
      : model;
    run.report('finishing', { fraction: 1 });
    return final;
  } finally {
    run.trainer.dispose();
  }
}

/** The network's way through the epochs. */
class NetworkTraining {
  readonly trainer: GruTrainer;
  readonly #random: Random;
  readonly #startedAt: number;
  readonly #epochs: number;
  #progress: TrainingProgress;

  constructor(
    private readonly options: TrainingOptions,
    private readonly hyperparameters: Hyperparameters,
    private readonly plan: TrainingPlan,
    popularity: Float32Array,
  ) {
    this.#random = new Random(options.seed);
    this.#startedAt = options.now();
    this.#epochs = options.maxEpochs ?? plan.mostEpochs;
    this.#progress = {
      phase: 'training',
      epoch: 1,
      epochs: this.#epochs,
      batch: 0,
      batches: 0,
      loss: Number.NaN,
      secondsElapsed: 0,
      fraction: 0,
    };
    const sizes = { items: popularity.length, embedding: plan.embedding, hidden: hyperparameters.hidden_dimension };
    const { lanes, dropout, learningRate, averagingSteps } = plan;
    this.trainer = new GruTrainer(
      options.tensorflow,
      { sizes, lanes, dropout, learningRate, averagingSteps },
      initialGruWeights(sizes, popularity, this.#random),
      this.#random,
    );
  }

  /** Trains until validation stops rising, and puts the best parameters back into the trainer. */
  async fit(training: Sequences, validation: Validation): Promise<Fit> {
    const curve: LearningCurvePoint[] = [];
    let best: { validation: number; epoch: number; weights: GruWeights } | undefined;
    let stopped: Fit['stopped'] = 'epochs';
    for (let epoch = 1; epoch <= this.#epochs; epoch++) {
      const { loss, whole } = await this.#epoch(training, epoch);
      // A part of an epoch is only worth measuring where there is nothing else to keep.
      if (whole || !best) {
        const quality = validation.networkQuality(this.trainer);
        curve.push({ epoch, loss, validation: quality });
        this.#progress = { ...this.#progress, validation: quality };
        if (!best || quality > best.validation) best = { validation: quality, epoch, weights: this.trainer.weights() };
      }
      if (!whole) {
        stopped = 'time';
        break;
      }
      if (epoch - best!.epoch >= this.plan.patience) {
        stopped = 'early';
        break;
      }
    }
    this.trainer.restore(best!.weights);
    return { curve, bestEpoch: best!.epoch, stopped, weights: best!.weights };
  }

  /** One more epoch from the parameters as they are. */
  async learnOnce(sequences: Sequences): Promise<GruWeights> {
    for (const batch of this.#batches(sequences)) {
      this.trainer.learn(batch);
      await this.#breathe();
    }
    return this.trainer.weights();
  }

  /** Tells the caller where training stands. */
  report(phase: TrainingProgress['phase'], change: Partial<TrainingProgress> = {}): void {
    const secondsElapsed = (this.options.now() - this.#startedAt) / 1000;
    this.#progress = { ...this.#progress, ...change, phase, secondsElapsed };
    this.options.onProgress?.(this.#progress);
  }

  async #epoch(training: Sequences, epoch: number): Promise<{ loss: number; whole: boolean }> {
    const { bptt } = this.hyperparameters;
    const batches = Math.ceil(predictionCount(training) / (this.plan.lanes * bptt));
    let [batch, lossSum, predictions] = [0, 0, 0];
    for (const next of this.#batches(training)) {
      const loss = this.trainer.learn(next);
      if (!Number.isFinite(loss)) {
        throw new AttuneError(
          'NotReady',
          `Training diverged: the loss is ${loss} in batch ${batch + 1} of epoch ${epoch}.`,
        );
      }
      batch++;
      lossSum += loss * next.places.length;
      predictions += next.places.length;
      const fraction = EPOCHS_SHARE * Math.min(1, (epoch - 1 + Math.min(1, batch / batches)) / this.#epochs);
      this.report('training', { epoch, batch, batches, loss: lossSum / predictions, fraction });
      await this.#breathe();
      if (this.#outOfTime()) return { loss: lossSum / predictions, whole: false };
    }
    return { loss: lossSum / predictions, whole: true };
  }

  #batches(sequences: Sequences) {
    const weights = this.hyperparameters.recency_mask
      ? recencyWeights(sequences.timestamps)
      : new Float32Array(sequences.items.length).fill(1);
    const settings = { lanes: this.plan.lanes, steps: this.hyperparameters.bptt, maxHistory: MAX_HISTORY };
    return laneBatches(sequences, weights, settings, this.#random);
  }

  #outOfTime(): boolean {
    const { timeBudgetSeconds = Number.POSITIVE_INFINITY, now } = this.options;
    return (now() - this.#startedAt) / 1000 >= timeBudgetSeconds;
  }

  /** Lets the event loop turn, so that an abort can arrive. */
  async #breathe(): Promise<void> {
    await setImmediate();
    this.options.signal?.throwIfAborted();
  }
}

interface Fit {
  curve: LearningCurvePoint[];
  bestEpoch: number;
  stopped: ModelManifest['stopped'];
  weights: GruWeights;
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

function measure(model: Model, split: Split, excludeSeen: boolean): ModelMetrics {
  const itemCount = model.items.ids.length;
  const of = (ranker: Ranker) => evaluate(ranker, split.test, { itemCount, excludeSeen });
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

/** A scorer as a ranker of whole histories. */
export function rankerOf(name: string, scorer: Scorer): Ranker {
  return { name, score: (history, out) => void scorer.score(scorer.stateOf(history), out) };
}
