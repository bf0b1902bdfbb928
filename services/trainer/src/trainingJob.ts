import type { HyperparameterSearch, RecipeName, TrainingProgress, TrainingStory } from '@attune/recommender';

/** What the training process is told, as a JSON file named by its only argument. */
export interface TrainingJob {
  /** A dataset snapshot, as `writeDataset` makes it. */
  datasetFile: string;
  /** Where the artifact's files go. */
  artifactFolder: string;
  /** Where the artifact's files are that this training updates. Absent: a full training. */
  baseFolder?: string;
  /** Where the artifact's files are that this training is measured beside. Absent: the base's, if any. */
  compareFolder?: string;
  /** An update keeps that of its base. */
  recipe: RecipeName;
  /** As the API gives them: strings by name. An update keeps those of its base. */
  hyperparameters: Readonly<Record<string, string>>;
  /** Which of them to search first. Absent: none. */
  search?: HyperparameterSearch;
  /** Holds the last checkpoint, if there is one: training then goes on from it. */
  checkpointFile: string;
  /** A checkpoint is due so many seconds after the last one. */
  checkpointSeconds: number;
  /** Data that would take more memory is refused. */
  memoryLimitBytes: number;
  seed: number;
  codeVersion: string;
  /** Absent: the best backend there is. */
  backend?: 'native' | 'wasm';
  /** Training stops after the epoch in which this time runs out, and keeps the best epoch. Absent: no limit. */
  timeBudgetSeconds?: number;
}

/** What the training process says, over Node's IPC channel. */
export type TrainingMessage =
  | { type: 'backend'; backend: 'native' | 'wasm'; reason: string }
  | { type: 'progress'; progress: TrainingProgress }
  | { type: 'story'; story: TrainingStory }
  /** There is another checkpoint in the file. */
  | { type: 'checkpoint' }
  /** The checkpoint that there was is of no use: training begins anew. */
  | { type: 'begunAnew'; reason: string }
  | { type: 'done' }
  | { type: 'failed'; reason: string };
