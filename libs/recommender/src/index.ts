/**
 * The recommender: from interactions to a dataset, from a dataset to a trained model, from a model to an artifact, and
 * from an artifact to scores. Users and items are numbers inside and ids at the edges. Nothing here reads a clock, a
 * file or the network, or draws a random number that no seed was given for; TensorFlow is loaded by `loadTensorFlow`
 * alone, and serving needs none of it.
 */

export { ApproximateScoring, type ItemIndex } from './approximateScoring';
export {
  ARTIFACT_FILES,
  decodeArtifact,
  decodeUpdatableModel,
  encodeArtifact,
  SERVING_FILES,
} from './artifact';
export { decodeCheckpoint, type Saved } from './checkpoint';
export type { Checkpoints } from './checkpointing';
export { type Dataset, DatasetBuilder, type InteractionRow } from './dataset';
export { readDataset, writeDataset } from './datasetSnapshot';
export { type EvaluationSettings, evaluateLeaveOneOut, evaluateSolution, type Ranker } from './evaluation';
export type { EventFacts } from './eventColumns';
export { type EventContribution, type ExplainedCase, explainScore, type ScoreExplanation } from './explanation';
export { type GivenSearch, type HyperparameterSearch, readSearch } from './hyperparameterSearch';
export {
  type HyperparameterSpec,
  type Hyperparameters,
  parseHyperparameters,
  writeHyperparameters,
} from './hyperparameters';
export { ItemCatalogue } from './itemCatalogue';
export { ItemKnnRanker } from './itemKnn';
export { ExactScoring, type ItemScoring, type ItemTilt, type NetworkExpectation } from './itemScoring';
export { MarkovRanker } from './markov';
export { type ColumnSchema, type MetadataRow, type MetadataSchema, numberOf } from './metadataValues';
export type { NextItemMetrics, SolutionMetrics } from './metrics';
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
} from './model';
export type { TrainingProgress } from './networkTraining';
export { type NewItem, withNewItems } from './newItems';
export { PopularityRanker } from './popularity';
export { Random } from './random';
export type { Recipe } from './recipe';
export { DEFAULT_RECIPE, type RecipeName } from './recipeName';
export { findRecipe, recipeOf } from './recipes';
export { type HistoryState, rankerOf, Scorer } from './scorer';
export { type History, type HistoryEvent, historyOf, repeatRate, type Sequences } from './sequences';
export type { Asker, ColumnParts } from './servedFeatures';
export { type EvaluationCase, type HeldOutItems, heldOutUsers, leaveOneOut, type Split } from './splits';
export { loadTensorFlow, type TensorFlow, type TensorFlowBackend } from './tensorflow';
export { type ScoredItem, topK } from './topK';
export { checkTrainable } from './trainability';
export { type TrainingOptions, train } from './training';
