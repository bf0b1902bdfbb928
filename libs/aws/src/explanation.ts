/** An operation that AWS does not have, in the style of its runtime: why an item is recommended. */
import { z } from 'zod';
import { arn, text } from './members';

const id = text({ max: 256 });

/** `POST /explanations` */
export const explainRecommendationRequest = z.object({
  campaignArn: arn,
  userId: id.optional(),
  itemId: text({ min: 1, max: 256 }),
});

export type ExplainRecommendationRequest = z.output<typeof explainRecommendationRequest>;
