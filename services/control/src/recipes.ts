import { builtInArn, recipeArn } from '@attune/domain';
import { type HyperparameterSpec, type RecipeName, recipeOf } from '@attune/recommender';

/** A way to turn histories into recommendations, with the algorithm and the filter of histories that are its parts. */
export interface Recipe {
  name: RecipeName;
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

/** The recipe of a solution that names none. */
export const USER_PERSONALIZATION = recipeArn('aws-user-personalization');

const isPercentile = ({ name }: HyperparameterSpec) => name.endsWith('_percentile');

function personalization(
  name: RecipeName,
  featureTransformation: string,
  description: string,
  createdAt: number,
): Recipe {
  const { hyperparameters } = recipeOf(name);
  return {
    name,
    arn: recipeArn(name),
    algorithmArn: builtInArn('algorithm', name),
    featureTransformationArn: builtInArn('feature-transformation', featureTransformation),
    type: 'USER_PERSONALIZATION',
    description,
    createdAt,
    algorithm: hyperparameters.filter((spec) => !isPercentile(spec)),
    featureTransformation: hyperparameters.filter(isPercentile),
  };
}

/** All recipes that can be trained, in order of their creation. */
export const RECIPES: readonly Recipe[] = [
  personalization(
    'aws-user-personalization',
    'JSON-percentile-filtering',
    'Predicts the items that a user will interact with next, by a recurrent network over the history.',
    Date.UTC(2026, 0, 1),
  ),
  personalization(
    'aws-user-personalization-v2',
    'JSON-percentile-filtering-v2',
    'Predicts the items that a user will interact with next, by a transformer over the history.',
    Date.UTC(2026, 0, 2),
  ),
];
