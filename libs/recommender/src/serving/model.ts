import type { ItemCatalogue } from '../data/itemCatalogue';
import type { NextItemMetrics, SolutionMetrics } from '../evaluation/metrics';
import type { ModelFeatures } from '../features/modelFeatures';
import type { NetworkWeights } from '../networks/encoder';
import type { RecipeName } from '../networks/recipeName';
import type { TensorFlowBackend } from '../networks/tensorflow';
import type { SearchObjective } from '../training/hyperparameterSearch';
import type { Hyperparameters } from '../training/hyperparameters';
import type { TransitionMemory } from './transitions';

/** What an artifact holds: everything that serving needs of one training, and its story. */
export interface Model extends ServedModel {
  readonly manifest: ModelManifest;
  /**
   * The same before the held-out events were learned: what the metrics were taken of, and what an update starts from, so
   * that the users it is measured on stay unseen through all updates. Serving has no use for it.
   */
  readonly measured?: LearnedParameters;
}

/** The part of a model that scores depend on. */
export interface ServedModel extends LearnedParameters {
  readonly manifest: Pick<ModelManifest, 'recipe' | 'excludeSeen' | 'maxHistory' | 'mixingWeight' | 'features'>;
  readonly items: ItemCatalogue;
}

/** What was learned, by item index. */
export interface LearnedParameters {
  readonly weights: NetworkWeights;
  readonly transitions: TransitionMemory;
  /** [items] the probability that an item is the next one anybody touches; sums to 1 */
  readonly popularity: Float32Array;
}

/** A model that can be updated. */
export type UpdatableModel = Model & Required<Pick<Model, 'measured'>>;

/** Raised whenever an older reader could misread the files. */
export const FORMAT_VERSION = 1;

/** What a model was made from, how, and how good it is. Holds no clock time, so that equal trainings are equal bytes. */
export interface ModelManifest {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly recipe: RecipeName;
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
  /** How metadata and events become features. Absent where the data has none to learn from. */
  readonly features?: ModelFeatures;
  readonly learningCurve: readonly LearningCurvePoint[];
  /** The epoch, counted from 1, whose parameters were kept; 0 where an update found none better than what it began with. */
  readonly bestEpoch: number;
  readonly stopped: 'early' | 'epochs' | 'time';
  /** Whether the held-out events were learned, after the metrics were taken. */
  readonly learnedHeldOut: boolean;
  /** Who was held out; see `Split.testDraw`. Absent for a split that an update can't go on with. */
  readonly testDraw?: number;
  /** What the model that this one updates was trained on. Absent for a full training. */
  readonly base?: TrainingWindow;
  /** How the hyperparameters were found. Absent where they were given. */
  readonly search?: SearchRecord;
  readonly metrics: ModelMetrics;
}

/** The story of a search for hyperparameters. */
export interface SearchRecord {
  /** What the trials were compared by. */
  readonly objective: SearchObjective;
  /** In the order of their numbers. */
  readonly trials: readonly TrialRecord[];
}

/** How a training went so far, or in all. */
export interface TrainingStory {
  /** Of the network in hand; at the end, of the one that was kept. */
  readonly curve: readonly LearningCurvePoint[];
  /** Whose parameters were kept. Absent before the end. */
  readonly bestEpoch?: number;
  /** Why there were no more epochs. Absent before the end. */
  readonly stopped?: ModelManifest['stopped'];
  /** Absent where nothing is searched. */
  readonly search?: SearchRecord;
}

/** The story of a training that is over. */
export function storyOf({ learningCurve, bestEpoch, stopped, search }: ModelManifest): TrainingStory {
  return { curve: learningCurve, bestEpoch, stopped, ...(search && { search }) };
}

/** One trial of a search. */
export interface TrialRecord {
  /** Counted from 1. */
  readonly trial: number;
  /** Those that were searched, as the API carries them. */
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Stopped: out of the race; paused: in it, its next rung to come; skipped: there was no time for it. */
  readonly status: 'waiting' | 'running' | 'paused' | 'stopped' | 'skipped' | 'best';
  /** By its best parameters, when it was last decided on. */
  readonly objective?: number;
  readonly curve: readonly LearningCurvePoint[];
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
  /** The model and its network before they learned the validation events, where the other figures are of afterwards. */
  readonly beforeValidation?: { readonly model: NextItemMetrics; readonly network: NextItemMetrics };
  /** The model that came before on the same cases, where there is one. */
  readonly comparison?: ModelComparison;
}

/** A model beside the one before it, both as they were before either learned the test users' events. */
export interface ModelComparison {
  /** Figures of the model before, on the users of `ModelMetrics.model`; it finds no item that came after it. */
  readonly before: SolutionMetrics;
  /** NDCG@10 of the model minus that of the one before, over users: the mean, and its standard error. */
  readonly difference: number;
  readonly standardError: number;
}
