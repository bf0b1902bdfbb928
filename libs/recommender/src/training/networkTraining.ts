import { setImmediate } from 'node:timers/promises';
import { Random } from '../data/random';
import { eventWeightsOf, recencyWeights, type Sequences } from '../data/sequences';
import { nextItemMetrics } from '../evaluation/metrics';
import type { FeatureTable } from '../features/featureTable';
import type { DatasetFeatures } from '../features/modelFeatures';
import { NetworkFeatures } from '../features/networkFeatures';
import { type Encoder, embeddingOf, type NetworkWeights, type TrainingBatch } from '../networks/encoder';
import { DenseItemTable, type ItemTable, initialItemRows } from '../networks/itemTable';
import { NegativeSampler } from '../networks/negativeSampler';
import { NetworkTrainer } from '../networks/networkTrainer';
import type { Recipe } from '../networks/recipe';
import { SparseItemTable } from '../networks/sparseItemTable';
import type { TensorFlow } from '../networks/tensorflow';
import type { LearningCurvePoint, ModelManifest } from '../serving/model';
import type { Saved } from './checkpoint';
import type { Hyperparameters } from './hyperparameters';
import { secondsLeft } from './timeBudget';
import { negativesFor, type TrainingPlan } from './trainingPlan';
import type { Validation } from './validation';

/** Where a training stands. */
export interface TrainingProgress {
  /** Learning epoch by epoch; measuring on the test cases; learning what was held out. */
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
  /** The trial of a search that is trained, counted from 1, and how many there are. Absent where nothing is searched. */
  trial?: number;
  trials?: number;
}

export interface NetworkTrainingOptions {
  tensorflow: TensorFlow;
  /** Unsigned, 32 bits. */
  seed: number;
  /** Milliseconds since any origin, never going back: `performance.now`. */
  now: () => number;
  /** When the training began, by `now`. Default: when its network is made. */
  startedAt?: number;
  /**
   * After so many seconds training stops with the best epoch so far, and the manifest's `stopped` is then 'time'. What was held
   * out is learned in what time is left.
   */
  timeBudgetSeconds?: number;
  /** Default: what the plan for data of this size says. */
  maxEpochs?: number;
  /** Aborting it makes the training reject with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: (progress: TrainingProgress) => void;
  /** Waited for between two batches, where `save` may be called. */
  betweenBatches?: () => Promise<void>;
  /** Told after each epoch. */
  onCurve?: (curve: readonly LearningCurvePoint[]) => void;
}

/** How far progress is when the epochs are over; measuring and the last pass take the rest. */
export const EPOCHS_SHARE = 0.95;

/** What is known of the events beside the sequences. */
export interface TrainingData {
  /** [interactions] of the dataset: how much predicting each counts */
  eventWeights: Float32Array;
  /** Absent where there are none. */
  features?: DatasetFeatures | undefined;
}

/** How a network stands after some epochs. */
export interface Fit {
  curve: readonly LearningCurvePoint[];
  bestEpoch: number;
  /** Why it was trained no longer. */
  stopped: ModelManifest['stopped'];
  /** The best parameters, and the ranks of the validation items by them, counted from 1. */
  weights: NetworkWeights;
  ranks: readonly number[];
}

/** Parameters that were measured. */
interface Measured {
  epoch: number;
  validation: number;
  weights: NetworkWeights;
  ranks: readonly number[];
}

/** Where in an epoch a network is. */
interface EpochPosition {
  /** Batches that are done. */
  batch: number;
  lossSum: number;
  predictions: number;
  /** The random generator where the epoch began. */
  random: Int32Array;
}

/** The network's way through the epochs. Holds TensorFlow memory until `dispose`. */
export class NetworkTraining {
  readonly trainer: NetworkTrainer;
  readonly #encoder: Encoder;
  readonly #random: Random;
  readonly #startedAt: number;
  readonly #epochs: number;
  #curve: LearningCurvePoint[] = [];
  #best: Measured | undefined;
  /** Epochs that are done. */
  #epoch = 0;
  #stopped: Fit['stopped'] = 'epochs';
  /** Absent between epochs. */
  #position: EpochPosition | undefined;
  #progress: TrainingProgress;

  /** @param start the popularity [items] that the network starts from, and parameters to go on with where it does not begin anew */
  constructor(
    private readonly options: NetworkTrainingOptions,
    private readonly recipe: Recipe,
    private readonly hyperparameters: Hyperparameters,
    private readonly plan: TrainingPlan,
    private readonly start: { weights?: NetworkWeights; popularity: Float32Array },
    private readonly data: TrainingData,
  ) {
    this.#random = new Random(options.seed);
    this.#startedAt = options.startedAt ?? options.now();
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
    const initial = start.weights ?? this.#initialWeights(start.popularity);
    const actual = { ...plan, embedding: embeddingOf(initial) };
    const { tensorflow } = options;
    const features =
      data.features && new NetworkFeatures(tensorflow, plan, data.features, actual.embedding, initial.features);
    const items = this.#itemTable(initial, features?.items);
    this.#encoder = recipe.trainingEncoder(tensorflow, actual, hyperparameters, initial.encoder);
    this.trainer = new NetworkTrainer(tensorflow, items, this.#encoder, plan.dropout, this.#random, features);
  }

  /**
   * Trains until validation stops rising, or the epochs are over; called again, it goes on from there. Parameters to begin with
   * are held against the epochs as epoch 0.
   * @param epochs to come to, counted from the beginning. Default: the plan's
   */
  async fit(training: Sequences, validation: Validation, epochs = this.#epochs): Promise<Fit> {
    if (!this.#best && this.start.weights) this.#measure(validation, 0);
    while (this.#stopped === 'epochs' && this.#epoch < Math.min(epochs, this.#epochs)) {
      const epoch = this.#epoch + 1;
      const { loss, whole } = await this.#learnEpoch(training, epoch);
      // A part of an epoch is only worth measuring where there is nothing else to keep.
      if (whole || !this.#best) {
        const quality = this.#measure(validation, epoch);
        this.#curve.push({ epoch, loss, validation: quality });
        this.#progress = { ...this.#progress, validation: quality };
        this.options.onCurve?.(this.#curve);
      }
      this.#epoch = epoch;
      this.#position = undefined;
      if (!whole) this.#stopped = 'time';
      else if (epoch - this.#best!.epoch >= this.plan.patience) this.#stopped = 'early';
      await this.options.betweenBatches?.();
    }
    const { epoch: bestEpoch, weights, ranks } = this.#best!;
    return { curve: this.#curve, bestEpoch, stopped: this.#stopped, weights, ranks };
  }

  /** Puts the best parameters of `fit` back into the trainer. */
  restoreBest(): void {
    this.trainer.restore(this.#best!.weights);
  }

  /**
   * Goes on from the parameters as they are, with nothing measured, until time runs out.
   * @param passes over all of the sequences
   */
  async learn(sequences: Sequences, passes: number): Promise<NetworkWeights> {
    for (let pass = 0; pass < passes; pass++) {
      for (const batch of this.#batches(sequences)) {
        if (this.#isOutOfTime()) return this.trainer.weights();
        this.trainer.learn(batch, sequences.rows);
        await this.#breathe();
      }
    }
    return this.trainer.weights();
  }

  /** All that the rest of the training depends on, between two batches. */
  save(): Saved {
    return {
      trainer: this.trainer.save(),
      random: this.#random.save(),
      epoch: this.#epoch,
      position: this.#position,
      curve: this.#curve,
      best: this.#best,
      stopped: this.#stopped,
      progress: this.#progress,
    };
  }

  /** Goes on from what `save` gave, for the same data, plan and hyperparameters. */
  load(saved: Saved): void {
    this.trainer.load(saved.trainer as Saved);
    this.#random.load(saved.random as Int32Array);
    this.#epoch = saved.epoch as number;
    this.#position = saved.position as EpochPosition | undefined;
    this.#curve = saved.curve as LearningCurvePoint[];
    this.#best = saved.best as Measured | undefined;
    this.#stopped = saved.stopped as Fit['stopped'];
    this.#progress = saved.progress as TrainingProgress;
  }

  /** Measures the parameters as they are, and keeps them where they are the best so far. @returns NDCG@10 on validation */
  #measure(validation: Validation, epoch: number): number {
    const ranks = validation.networkRanks(this.trainer);
    const quality = nextItemMetrics(ranks).normalized_discounted_cumulative_gain_at_10;
    if (!this.#best || quality > this.#best.validation) {
      this.#best = { validation: quality, epoch, ranks, weights: this.trainer.weights() };
    }
    return quality;
  }

  /** Tells the caller where training stands: the phase by itself says that the epochs are over. */
  report(phase: TrainingProgress['phase'], change: Partial<TrainingProgress> = { fraction: EPOCHS_SHARE }): void {
    const secondsElapsed = (this.options.now() - this.#startedAt) / 1000;
    this.#progress = { ...this.#progress, ...change, phase, secondsElapsed };
    this.options.onProgress?.(this.#progress);
  }

  dispose(): void {
    this.trainer.dispose();
  }

  /** @returns the mean loss, and whether time sufficed for the whole epoch */
  async #learnEpoch(training: Sequences, epoch: number): Promise<{ loss: number; whole: boolean }> {
    const batches = this.#encoder.batchCount(training);
    const begun = this.#position ?? { batch: 0, lossSum: 0, predictions: 0, random: this.#random.save() };
    let { batch, lossSum, predictions } = begun;
    for (const next of this.#batchesFrom(training, begun)) {
      const loss = this.trainer.learn(next, training.rows);
      if (!Number.isFinite(loss)) {
        throw new Error(`Training diverged: the loss is ${loss} in batch ${batch + 1} of epoch ${epoch}.`);
      }
      batch++;
      lossSum += loss * next.places.length;
      predictions += next.places.length;
      const fraction = (EPOCHS_SHARE * (epoch - 1 + Math.min(1, batch / batches))) / this.#epochs;
      this.report('training', { epoch, batch, batches, loss: lossSum / predictions, fraction });
      this.#position = { batch, lossSum, predictions, random: begun.random };
      await this.#breathe();
      if (this.#isOutOfTime()) return { loss: lossSum / predictions, whole: false };
    }
    return { loss: lossSum / predictions, whole: true };
  }

  /** The batches of an epoch after those that are done: they are made anew, from where the epoch began. */
  *#batchesFrom(sequences: Sequences, { batch, random }: EpochPosition): Generator<TrainingBatch> {
    const now = this.#random.save();
    this.#random.load(random);
    const batches = this.#batches(sequences);
    for (let done = 0; done < batch; done++) batches.next();
    if (batch > 0) this.#random.load(now);
    yield* batches;
  }

  #isOutOfTime(): boolean {
    return secondsLeft({ ...this.options, startedAt: this.#startedAt }) <= 0;
  }

  #batches(sequences: Sequences): Generator<TrainingBatch> {
    const weights = eventWeightsOf(sequences, this.data.eventWeights);
    if (this.recipe.weighsRecency(this.hyperparameters)) {
      recencyWeights(sequences.timestamps).forEach((weight, event) => {
        weights[event]! *= weight;
      });
    }
    return this.#encoder.batches(sequences, weights, this.#random);
  }

  /** The table that suits the size of the catalogue. */
  #itemTable(initial: NetworkWeights, features: FeatureTable | undefined): ItemTable {
    const { tensorflow } = this.options;
    const negatives = negativesFor(initial.itemBias.length);
    if (negatives === undefined) return new DenseItemTable(tensorflow, this.plan, initial, features);
    const sampler = new NegativeSampler(this.start.popularity, negatives);
    return new SparseItemTable(tensorflow, this.plan, initial, sampler, this.#random, features);
  }

  #initialWeights(popularity: Float32Array): NetworkWeights {
    const rows = initialItemRows(popularity, this.plan.embedding, this.#random);
    return { ...rows, encoder: this.recipe.initialEncoder(this.plan, this.hyperparameters, this.#random) };
  }

  /** Lets the event loop turn, so that an abort can arrive. */
  async #breathe(): Promise<void> {
    await setImmediate();
    this.options.signal?.throwIfAborted();
    if (this.#progress.phase === 'training') await this.options.betweenBatches?.();
  }
}
