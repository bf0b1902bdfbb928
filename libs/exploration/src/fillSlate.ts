import { InvalidInputError, type ItemId, type SlatePolicySettings, type SlateSlot } from '@attune/domain';

/** An item that may be shown, with its relevance to the user. */
export interface Candidate {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. */
  score: number;
}

export interface SlateRequest {
  /** Most relevant first, each item once. */
  ranked: readonly Candidate[];
  /** The most slots there can be; fewer candidates make a shorter slate. */
  size: number;
  policy: SlatePolicySettings;
}

/**
 * Fills a slate by the policy's rule. With exploration weight 0 that is pure relevance: each slot takes the most
 * relevant item that is left, and nothing is left to chance, so every propensity is 1.
 *
 * @throws InvalidInputError for any other weight: this version does not explore
 */
export function fillSlate({ ranked, size, policy }: SlateRequest): SlateSlot[] {
  if (policy.explorationWeight !== 0) {
    throw new InvalidInputError(
      `explorationWeight is ${policy.explorationWeight}. This version serves pure relevance: it must be 0.`,
    );
  }
  return ranked.slice(0, size).map(({ itemId, score }) => ({ itemId, score, propensity: 1 }));
}
