import { sequenceCount } from '../data/sequences';
import { TRANSFORMER_HYPERPARAMETERS, type TransformerHyperparameters } from '../training/hyperparameters';
import { MOST_EPOCHS, patienceFor } from '../training/trainingPlan';
import { predictionCount } from './laneBatches';
import type { Recipe } from './recipe';
import { initialTransformerWeights, transformerShapes, transformerSizesOf } from './transformer';
import { TransformerEncoder } from './transformerEncoder';
import { ServingTransformer } from './transformerServing';

/** A causal transformer over the history, its attention aware of time. */
export const TRANSFORMER: Recipe = {
  name: 'aws-user-personalization-v2',
  hyperparameters: TRANSFORMER_HYPERPARAMETERS,

  weighsRecency: ({ apply_recency_bias }: TransformerHyperparameters) => apply_recency_bias,

  plan: (training, { hidden_dimension, max_sequence_length: longest }: TransformerHyperparameters) => {
    const window = windowFor(training.offsets, longest);
    // About 100 updates an epoch. Fewer events than 256 leave the processor waiting; more than 4,000 learn no faster.
    const events = Math.min(4000, Math.max(256, predictionCount(training) / 100));
    return {
      // Any number of heads divides it.
      embedding: 8 * Math.round(hidden_dimension / 8),
      lanes: Math.max(1, Math.round(events / window)),
      dropout: 0.3,
      learningRate: 0.003,
      averagingSteps: 50,
      mostEpochs: MOST_EPOCHS,
      patience: patienceFor(sequenceCount(training)),
      maxHistory: window,
    };
  },

  initialEncoder: ({ embedding, maxHistory: window }, hyperparameters: TransformerHyperparameters, random) => {
    const { num_heads: heads, num_layers: layers } = hyperparameters;
    return initialTransformerWeights({ embedding, heads, layers, window }, random);
  },

  trainingEncoder: (tensorflow, plan, _hyperparameters, initial) => {
    const { window } = transformerSizesOf(initial);
    return new TransformerEncoder(tensorflow, { ...plan, window, layerDropout: plan.dropout }, initial);
  },

  shapes: (given, embedding) => transformerShapes({ ...transformerSizesOf(given), embedding }),

  servingEncoder: (weights) => new ServingTransformer(weights),
};

/** Shorter windows than this save nothing. */
const SHORTEST_WINDOW = 10;

/** Long enough for 99 histories in 100, up to the longest that is allowed. */
function windowFor(offsets: Int32Array, longest: number): number {
  const count = sequenceCount({ offsets });
  const lengths = Int32Array.from(
    { length: count },
    (_, sequence) => offsets[sequence + 1]! - offsets[sequence]!,
  ).sort();
  const most = lengths[Math.floor(0.99 * (count - 1))] ?? 0;
  return Math.min(longest, Math.max(SHORTEST_WINDOW, most));
}
