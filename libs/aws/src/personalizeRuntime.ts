/** The service "personalize-runtime", API version 2018-05-22: recommendations. */
import { z } from 'zod';
import { arn, integer, map, text } from './members';

const id = text({ max: 256 });
const context = map(text({ max: 150, pattern: String.raw`[A-Za-z\d_]+` }), text({ max: 1000 }), { max: 150 });
/** What a request says of its moment: columns of the interactions schema. */
export const requestContext = context;
const filterValues = map(text({ max: 50, pattern: '[A-Za-z0-9_]+' }), text({ max: 1000 }), { max: 25 });
const columnName = text({ max: 150 });
const metadataColumns = map(text({ max: 256 }), z.array(columnName).max(99), { max: 1 });
const numResults = integer({ min: 0 });
const promotionName = text({ min: 1, max: 63, pattern: String.raw`^[a-zA-Z0-9][a-zA-Z0-9\-_]*` });

const promotion = z
  .object({ name: promotionName, percentPromotedItems: integer({ min: 1, max: 100 }), filterArn: arn, filterValues })
  .partial();

/** `POST /recommendations` */
export const getRecommendationsRequest = z
  .object({
    campaignArn: arn,
    itemId: id,
    userId: id,
    numResults,
    context,
    filterArn: arn,
    filterValues,
    recommenderArn: arn,
    promotions: z.array(promotion).max(1),
    metadataColumns,
  })
  .partial();

export type GetRecommendationsRequest = z.output<typeof getRecommendationsRequest>;

/** `POST /personalize-ranking` */
export const getPersonalizedRankingRequest = z.object({
  campaignArn: arn,
  inputList: z.array(id),
  userId: id,
  context: context.optional(),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
  metadataColumns: metadataColumns.optional(),
});

export type GetPersonalizedRankingRequest = z.output<typeof getPersonalizedRankingRequest>;

/** `POST /action-recommendations` */
export const getActionRecommendationsRequest = z
  .object({ campaignArn: arn, userId: id, numResults, filterArn: arn, filterValues })
  .partial();

const predictedItem = z
  .object({
    itemId: id,
    score: z.number(),
    promotionName,
    metadata: map(columnName, text({ max: 20_000 })),
    reason: z.array(text({ max: 256 })),
  })
  .partial();

/** One item of a list, as the operations of this service return it. */
export type PredictedItem = z.output<typeof predictedItem>;

const recommendationId = text();
const getRecommendationsResponse = z.object({ itemList: z.array(predictedItem), recommendationId }).partial();
const getPersonalizedRankingResponse = z
  .object({ personalizedRanking: z.array(predictedItem), recommendationId })
  .partial();
const getActionRecommendationsResponse = z
  .object({ actionList: z.array(z.object({ actionId: id, score: z.number() }).partial()), recommendationId })
  .partial();

export type GetRecommendationsResponse = z.output<typeof getRecommendationsResponse>;
export type GetPersonalizedRankingResponse = z.output<typeof getPersonalizedRankingResponse>;

const ERRORS = ['InvalidInputException', 'ResourceNotFoundException'] as const;

/** Every operation: where it is, its request, its answer and its errors. */
export const runtimeOperations = {
  GetRecommendations: {
    path: '/recommendations',
    input: getRecommendationsRequest,
    output: getRecommendationsResponse,
    errors: ERRORS,
  },
  GetPersonalizedRanking: {
    path: '/personalize-ranking',
    input: getPersonalizedRankingRequest,
    output: getPersonalizedRankingResponse,
    errors: ERRORS,
  },
  GetActionRecommendations: {
    path: '/action-recommendations',
    input: getActionRecommendationsRequest,
    output: getActionRecommendationsResponse,
    errors: ERRORS,
  },
} as const;
