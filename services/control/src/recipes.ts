import { builtInArn, recipeArn } from '@attune/domain';
import { HYPERPARAMETERS, type HyperparameterSpec } from '@attune/recommender';

/** A way to turn histories into recommendations, with the algorithm and the filter of histories that are its parts. */
export interface Recipe {
  name: string;
  arn: string;
  algorithmArn: string;
  featureTransformationArn: string;
  /** The API's word for what it is for. */
  type: string;
  description: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** What training can be told. */
  algorithm: readonly HyperparameterSpec[];
  /** What says which histories are trained on. */
  featureTransformation: readonly HyperparameterSpec[];
}

/** The recipe of every solution, so far. */
export const USER_PERSONALIZATION = recipeArn('aws-user-personalization');

const isPercentile = ({ name }: HyperparameterSpec) => name.endsWith('_percentile');

/** All recipes that can be trained, in order of their creation. */
export const RECIPES: readonly Recipe[] = [
  {
    name: 'aws-user-personalization',
    arn: USER_PERSONALIZATION,
    algorithmArn: builtInArn('algorithm', 'aws-user-personalization'),
    featureTransformationArn: builtInArn('feature-transformation', 'JSON-percentile-filtering'),
    type: 'USER_PERSONALIZATION',
    description: 'Predicts the items that a user will interact with next, by a recurrent network over the history.',
    createdAt: Date.UTC(2026, 0, 1),
    algorithm: HYPERPARAMETERS.filter((spec) => !isPercentile(spec)),
    featureTransformation: HYPERPARAMETERS.filter(isPercentile),
  },
];
