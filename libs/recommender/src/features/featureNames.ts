/** The tables of features' vectors, by the names that they have in an artifact: [features, embedding] each. */
export const FEATURE_TABLES = {
  items: 'features.items',
  events: 'features.events',
  users: 'features.users',
  context: 'features.context',
} as const;

/** What stands for a history where there is none: [embedding]. */
export const START = 'features.start';

/**
 * An item that no one has touched: vector [embedding] and bias [1] of one without features, and what each feature adds to
 * the bias, [features]. What it adds to the vector is `features.items`.
 */
export const ITEM_CONTENT = {
  vector: 'features.item_base',
  bias: 'features.item_bias_base',
  featureBias: 'features.item_bias',
} as const;
