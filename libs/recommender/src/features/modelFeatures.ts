import type { Dataset } from '../data/dataset';
import { eventColumns } from '../data/eventColumns';
import { type FeatureColumn, fitFeatures } from './featureColumns';
import { type FeatureMatrix, featureMatrix, featureWidth } from './featureMatrix';
import { FEATURE_TABLES, ITEM_CONTENT, START } from './featureNames';

/** What a model learns from beside the items that users touched, fitted to the data of a full training. */
export interface ModelFeatures {
  readonly items: readonly FeatureColumn[];
  readonly users: readonly FeatureColumn[];
  /** Of events that were: type, value, time gap, session bounds, contextual metadata. */
  readonly events: readonly FeatureColumn[];
  /** Contextual metadata of the event that is to come: what a request says. */
  readonly context: readonly FeatureColumn[];
}

/** The features of a dataset. */
export interface DatasetFeatures {
  readonly columns: ModelFeatures;
  /** A row for each item. */
  readonly items: FeatureMatrix;
  /** A row for each user. */
  readonly users: FeatureMatrix;
  /** A row for each interaction. */
  readonly events: FeatureMatrix;
  /** A row for each interaction: what a request in its place would have said. */
  readonly context: FeatureMatrix;
  /** [interactions] the user of each */
  readonly rowUsers: Int32Array;
}

/** The shapes of the tensors that an artifact has for features. */
export function featureShapes(columns: ModelFeatures, embedding: number): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = {};
  for (const [rows, name] of Object.entries(FEATURE_TABLES) as [keyof ModelFeatures, string][]) {
    const width = featureWidth(columns[rows]);
    if (width > 0) shapes[name] = [width, embedding];
  }
  if (columns.users.length + columns.context.length > 0) shapes[START] = [embedding];
  if (columns.items.length > 0) {
    shapes[ITEM_CONTENT.vector] = [embedding];
    shapes[ITEM_CONTENT.bias] = [1];
    shapes[ITEM_CONTENT.featureBias] = [featureWidth(columns.items)];
  }
  return shapes;
}

/** Whether there is anything to learn from. */
export function hasFeatures({ items, users, events, context }: ModelFeatures): boolean {
  return items.length + users.length + events.length + context.length > 0;
}

/** Fits the features of a full training. */
export function fitModelFeatures(dataset: Dataset): ModelFeatures {
  const latest = dataset.timestamps.reduce((most, timestamp) => Math.max(most, timestamp), 0);
  const events = fitFeatures(eventColumns(dataset), latest);
  const names = new Set(dataset.metadata.interactions.map(({ name }) => name));
  return {
    items: fitFeatures(dataset.metadata.items, latest),
    users: fitFeatures(dataset.metadata.users, latest),
    events,
    context: events.filter(({ name }) => names.has(name)),
  };
}

/** The features of a dataset as they were fitted to it, or to an earlier one. */
export function featuresOf(dataset: Dataset, columns: ModelFeatures): DatasetFeatures {
  const { metadata, itemIds, userIds, items } = dataset;
  return {
    columns,
    items: featureMatrix(itemIds.length, columns.items, metadata.items),
    users: featureMatrix(userIds.length, columns.users, metadata.users),
    events: featureMatrix(items.length, columns.events, eventColumns(dataset)),
    context: featureMatrix(items.length, columns.context, metadata.interactions),
    rowUsers: usersOfRows(dataset),
  };
}

function usersOfRows({ offsets, items }: Dataset): Int32Array {
  const users = new Int32Array(items.length);
  for (let user = 0; user + 1 < offsets.length; user++) users.fill(user, offsets[user], offsets[user + 1]);
  return users;
}
