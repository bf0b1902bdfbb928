/** An operation that AWS does not have, in the style of its runtime: why an item is recommended. */
import { z } from 'zod';
import { arn, text } from './members';
import { requestContext } from './personalizeRuntime';

const id = text({ max: 256 });

/** `POST /explanations` */
export const explainRecommendationRequest = z.object({
  campaignArn: arn,
  userId: id.optional(),
  itemId: text({ min: 1, max: 256 }),
  context: requestContext.optional(),
});

export type ExplainRecommendationRequest = z.output<typeof explainRecommendationRequest>;
