/** Shapes of the service "personalize-runtime", API version 2018-05-22. */
import { z } from 'zod';
import { arn, map, text } from './members';

const context = map(text({ max: 150, pattern: String.raw`[A-Za-z\d_]+` }), text({ max: 1000 }), { max: 150 });
const filterValues = map(text({ max: 50, pattern: '[A-Za-z0-9_]+' }), text({ max: 1000 }), { max: 25 });
const metadataColumns = map(text({ max: 256 }), z.array(text({ max: 150 })).max(99), { max: 1 });

const promotion = z.object({
  name: text({ min: 1, max: 63, pattern: String.raw`[a-zA-Z0-9][a-zA-Z0-9\-_]*` }).optional(),
  percentPromotedItems: z.int().min(1).max(100).optional(),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
});

/** `POST /recommendations` */
export const getRecommendationsRequest = z.object({
  campaignArn: arn.optional(),
  itemId: text({ max: 256 }).optional(),
  userId: text({ max: 256 }).optional(),
  numResults: z.int().min(0).optional(),
  context: context.optional(),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
  recommenderArn: arn.optional(),
  promotions: z.array(promotion).max(1).optional(),
  metadataColumns: metadataColumns.optional(),
});

export type GetRecommendationsRequest = z.output<typeof getRecommendationsRequest>;

/** One item of a list, as the operations of this service return it. */
export interface PredictedItem {
  itemId: string;
  score?: number;
  promotionName?: string;
  metadata?: Readonly<Record<string, string>>;
  reason?: readonly string[];
}

export interface GetRecommendationsResponse {
  itemList: readonly PredictedItem[];
  recommendationId: string;
}
