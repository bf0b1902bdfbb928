import type { RecipeName } from '@attune/recommender';
import type { AccuracyFiles } from './accuracyData';

/** What one process of the accuracy benchmark measures, as JSON on its command line. */
export interface AccuracyJob {
  files: AccuracyFiles;
  protocol: Protocol;
  scorer: Baseline | RecipeName;
  seed: number;
  /** Items of the history are left out of the ranking. Absent: as the data suggests. */
  maskSeen?: boolean | undefined;
  maxEpochs?: number | undefined;
}

/** Leave-one-out of the literature, or the API's own: a tenth of the users held out, the newest tenth of each the truth. */
export type Protocol = 'leave-one-out' | 'api';

/** What every model is held against. */
export const BASELINES = ['popularity', 'item-kNN', 'first-order Markov', 'Markov, lags 1 to 3'] as const;
export type Baseline = (typeof BASELINES)[number];

/** What the process answers, over Node's IPC channel. */
export type AccuracyAnswer = { failure: string } | AccuracyResult;

export interface AccuracyResult {
  /** The model and its parts, or the one baseline. */
  scorers: ScorerResult[];
  users: number;
  items: number;
  masked: boolean;
  /** To learn and to score, reading the files and loading TensorFlow aside. */
  wallSeconds: number;
  cpuSeconds: number;
  /** Of the whole process. */
  peakMemoryMib: number;
  /** Of a recipe: its network's NDCG@10 on the validation items after each epoch. */
  curve: CurvePoint[];
}

export interface CurvePoint {
  /** Since the training began. */
  seconds: number;
  validation: number;
}

export interface ScorerResult {
  name: string;
  /** By name; those of the API by its own names. */
  metrics: Record<string, number>;
  /** Of a model: how it was trained. */
  details: Record<string, number | string>;
}
