import { sequenceCount } from '../data/sequences';
import { HRNN_HYPERPARAMETERS, type HrnnHyperparameters } from '../training/hyperparameters';
import { MOST_EPOCHS, patienceFor } from '../training/trainingPlan';
import { gruShapes, gruSizesOf, initialGruWeights } from './gru';
import { GruEncoder } from './gruEncoder';
import { ServingGru } from './gruServing';
import { predictionCount } from './laneBatches';
import type { Recipe } from './recipe';

/** The latest events of a history that are read, in training and in serving alike. */
const MAX_HISTORY = 100;

/** A recurrent network (GRU) over the history: O(1) work for each new event. */
export const HRNN: Recipe = {
  name: 'aws-user-personalization',
  hyperparameters: HRNN_HYPERPARAMETERS,

  weighsRecency: ({ recency_mask }: HrnnHyperparameters) => recency_mask,

  plan: (training, { bptt }: HrnnHyperparameters) => {
    // About 100 updates an epoch; fewer lanes than 16 leave the processor waiting, more than 128 learn no faster.
    const lanes = 16 * Math.round(predictionCount(training) / bptt / 100 / 16);
    return {
      embedding: 64,
      lanes: Math.min(128, Math.max(16, lanes)),
      dropout: 0.4,
      learningRate: 0.006,
      averagingSteps: 50,
      mostEpochs: MOST_EPOCHS,
      patience: patienceFor(sequenceCount(training)),
      maxHistory: MAX_HISTORY,
    };
  },

  initialEncoder: ({ embedding }, { hidden_dimension: hidden }, random) =>
    initialGruWeights({ embedding, hidden }, random),

  trainingEncoder: (tensorflow, plan, { bptt }: HrnnHyperparameters, initial) =>
    new GruEncoder(tensorflow, { ...plan, steps: bptt }, initial),

  shapes: (given, embedding) => gruShapes({ ...gruSizesOf(given), embedding }),

  servingEncoder: (weights) => new ServingGru(weights),
};
