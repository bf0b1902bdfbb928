import type { GruWeights } from './gruWeights';
import type { Hyperparameters } from './hyperparameters';
import type { ItemCatalogue } from './itemCatalogue';
import type { NextItemMetrics, SolutionMetrics } from './metrics';
import type { TensorFlowBackend } from './tensorflow';
import type { TransitionMemory } from './transitions';

/** What an artifact holds: everything that serving needs of one training, and its story. */
export interface Model extends ServedModel {
  readonly manifest: ModelManifest;
}

/** The part of a model that scores depend on. */
export interface ServedModel {
  readonly manifest: Pick<ModelManifest, 'excludeSeen' | 'maxHistory' | 'mixingWeight'>;
  readonly items: ItemCatalogue;
  readonly weights: GruWeights;
  readonly transitions: TransitionMemory;
  /** [items] the probability that an item is the next one anybody touches; sums to 1 */
  readonly popularity: Float32Array;
}

/** The recipe's name, as in its ARN. */
export const RECIPE = 'aws-user-personalization';

/** Raised whenever an older reader could misread the files. */
export const FORMAT_VERSION = 1;

/** What a model was made from, how, and how good it is. Holds no clock time, so that equal trainings are equal bytes. */
export interface ModelManifest {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly recipe: typeof RECIPE;
  readonly hyperparameters: Hyperparameters;
  readonly seed: number;
  readonly backend: TensorFlowBackend;
  readonly codeVersion: string;
  readonly trainingWindow: TrainingWindow;
  /** Share of interactions with an item that the same user had touched before. */
  readonly repeatRate: number;
  /** Whether items of the user's history are left out of lists unless a campaign says otherwise. */
  readonly excludeSeen: boolean;
  /** How many of the latest events of a history are read when its state is made. */
  readonly maxHistory: number;
  /** The share `a` of the transition memory in the final probabilities: (1 - a) network + a memory. */
  readonly mixingWeight: number;
  readonly learningCurve: readonly LearningCurvePoint[];
  /** The epoch, counted from 1, whose parameters were kept. */
  readonly bestEpoch: number;
  readonly stopped: 'early' | 'epochs' | 'time';
  /** Whether the held-out events were learned, after the metrics were taken. */
  readonly learnedHeldOut: boolean;
  readonly metrics: ModelMetrics;
}

/** The data that a model was trained on. Timestamps in milliseconds since the epoch. */
export interface TrainingWindow {
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
}

export interface LearningCurvePoint {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the epoch's predictions, in nats. */
  readonly loss: number;
  /** NDCG@10 of the next item, full ranking, on the validation cases. */
  readonly validation: number;
}

/** Figures of one split: of the whole model, of its network alone, and of popularity on the same cases. */
export interface ModelMetrics {
  readonly split: 'held-out-users' | 'leave-one-out';
  /** Users that were tested. */
  readonly cases: number;
  readonly model: SolutionMetrics;
  readonly network: SolutionMetrics;
  readonly popularity: SolutionMetrics;
  readonly nextItem: {
    readonly model: NextItemMetrics;
    readonly network: NextItemMetrics;
    readonly popularity: NextItemMetrics;
  };
}
