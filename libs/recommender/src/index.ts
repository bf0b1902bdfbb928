/**
 * The recommender: from interactions to a dataset, from a dataset to a trained model, from a model to an artifact, and
 * from an artifact to scores. Users and items are numbers inside and ids at the edges. Nothing here reads a clock, a
 * file or the network, or draws a random number that no seed was given for; TensorFlow is loaded by `loadTensorFlow`
 * alone, and serving needs none of it.
 *
 * - `data`: interactions as columns, their snapshot, splits
 * - `features`: metadata, event facts and contexts as sparse features, and what serving makes of them
 * - `networks`: the GRU and the transformer, their gradients, losses, item tables and optimiser
 * - `training`: epochs, early stopping, updates, checkpoints, the search for hyperparameters
 * - `serving`: the artifact, scoring, the memory of transitions, explanations
 * - `evaluation`: metrics, and the baselines beside which every model stands
 */

export { type Dataset, DatasetBuilder, type InteractionRow } from './data/dataset';
export { readDataset, writeDataset } from './data/datasetSnapshot';
export type { EventFacts } from './data/eventColumns';
export { ItemCatalogue } from './data/itemCatalogue';
export { type ColumnSchema, type MetadataRow, type MetadataSchema, numberOf } from './data/metadataValues';
export { Random } from './data/random';
export { type History, type HistoryEvent, historyOf, repeatRate, type Sequences } from './data/sequences';
export { type EvaluationCase, type HeldOutItems, heldOutUsers, leaveOneOut, type Split } from './data/splits';
export { checkTrainable } from './data/trainability';
export { type EvaluationSettings, evaluateLeaveOneOut, evaluateSolution, type Ranker } from './evaluation/evaluation';
export { ItemKnnRanker } from './evaluation/itemKnn';
export { MarkovRanker } from './evaluation/markov';
export type { NextItemMetrics, SolutionMetrics } from './evaluation/metrics';
export { type NewItem, withNewItems } from './features/newItems';
export type { Asker, ColumnParts } from './features/servedFeatures';
export type { Recipe } from './networks/recipe';
export { DEFAULT_RECIPE, type RecipeName } from './networks/recipeName';
export { findRecipe, recipeOf } from './networks/recipes';
export { loadTensorFlow, type TensorFlow, type TensorFlowBackend } from './networks/tensorflow';
export { ApproximateScoring, type ItemIndex } from './serving/approximateScoring';
export {
  ARTIFACT_FILES,
  decodeArtifact,
  decodeUpdatableModel,
  encodeArtifact,
  SERVING_FILES,
} from './serving/artifact';
export { type EventContribution, type ExplainedCase, explainScore, type ScoreExplanation } from './serving/explanation';
export { ExactScoring, type ItemScoring, type ItemTilt, type NetworkExpectation } from './serving/itemScoring';
export {
  FORMAT_VERSION,
  type LearningCurvePoint,
  type Model,
  type ModelComparison,
  type ModelManifest,
  type ModelMetrics,
  type SearchRecord,
  type ServedModel,
  storyOf,
  type TrainingStory,
  type TrainingWindow,
  type TrialRecord,
  type UpdatableModel,
} from './serving/model';
export { PopularityRanker } from './serving/popularity';
export { type HistoryState, rankerOf, Scorer } from './serving/scorer';
export { type ScoredItem, topK } from './serving/topK';
export { decodeCheckpoint, type Saved } from './training/checkpoint';
export type { Checkpoints } from './training/checkpointing';
export { type GivenSearch, type HyperparameterSearch, readSearch } from './training/hyperparameterSearch';
export {
  type HyperparameterSpec,
  type Hyperparameters,
  parseHyperparameters,
  writeHyperparameters,
} from './training/hyperparameters';
export type { TrainingProgress } from './training/networkTraining';
export { type TrainingOptions, train } from './training/training';
