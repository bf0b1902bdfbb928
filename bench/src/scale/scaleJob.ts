import type { RecipeName } from '@attune/recommender';

/** A training of generated data, as JSON on the command line of its process. */
export interface ScaleJob {
  interactions: number;
  items: number;
  recipe: RecipeName;
  /** The epoch is cut when so much time is over. */
  secondsOfLearning: number;
}

/** What the process answers, over Node's IPC channel. */
export interface ScaleResult {
  /** To take the generated interactions into a dataset. */
  datasetSeconds: number;
  /** Of the epoch that is learned, and how many there are in a whole one. */
  batches: number;
  batchesOfEpoch: number;
  /** CPU and wall time of the batches that were learned. */
  learningCpuSeconds: number;
  learningSeconds: number;
  /** Everything beside the epoch: split, transition memory, validation, measuring. */
  otherCpuSeconds: number;
  peakMemoryMib: number;
}
