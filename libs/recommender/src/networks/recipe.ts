import type { Random } from '../data/random';
import type { Sequences } from '../data/sequences';
import type { HyperparameterSpec, Hyperparameters } from '../training/hyperparameters';
import type { TrainingPlan } from '../training/trainingPlan';
import type { Encoder, ServingEncoder } from './encoder';
import type { NamedTensors } from './parameterSet';
import type { RecipeName } from './recipeName';
import type { TensorFlow } from './tensorflow';

/** What tells one recipe from another: its encoder, its hyperparameters, and how it is trained. */
export interface Recipe {
  readonly name: RecipeName;
  readonly hyperparameters: readonly HyperparameterSpec[];
  /** Whether recent interactions weigh more, in the loss and in the popularity distribution. */
  weighsRecency(hyperparameters: Hyperparameters): boolean;
  /** Chooses what suits data of this size. */
  plan(training: Sequences, hyperparameters: Hyperparameters): TrainingPlan;
  /** The encoder's parameters to begin training from. */
  initialEncoder(plan: TrainingPlan, hyperparameters: Hyperparameters, random: Random): NamedTensors;
  /** The encoder in training, from these parameters on. */
  trainingEncoder(
    tensorflow: TensorFlow,
    plan: TrainingPlan,
    hyperparameters: Hyperparameters,
    initial: NamedTensors,
  ): Encoder;
  /**
   * The shapes of the encoder's parameters, as far as the sizes can be read off those given.
   * @param embedding length of an item's vector
   */
  shapes(given: NamedTensors, embedding: number): Readonly<Record<string, readonly number[]>>;
  /** The encoder in serving. @param weights of the `shapes` */
  servingEncoder(weights: NamedTensors): ServingEncoder;
}
