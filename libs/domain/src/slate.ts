import type { DatasetGroupName, ItemId, RecommendationId, UserId } from './ids';

/** One place of a list: which item, why it ranks there, and how probable that choice was. */
export interface SlateSlot {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. */
  score: number;
  /** The probability of this choice given the slots above it; 1 where nothing was left to chance. */
  propensity: number;
}

/** A list that was served to a user. */
export interface Slate {
  datasetGroup: DatasetGroupName;
  recommendationId: RecommendationId;
  campaignArn: string;
  solutionVersionArn: string;
  /** Absent where the request named nobody. */
  userId?: UserId;
  /** Milliseconds since the epoch. */
  servedAt: number;
  policy: SlatePolicySettings;
  slots: readonly SlateSlot[];
}

/** What decides how a slate is filled, beside relevance. Together with the seed it fills the same slate again. */
export interface SlatePolicySettings {
  /**
   * How often a slot is given to an item of the exploration pool. 0 is pure relevance.
   * @minimum 0 @maximum 1 @default 0
   */
  explorationWeight: number;
  /**
   * How old an item of the exploration pool may be, in days before the latest interaction in the data.
   * @minimum 1 @default 30
   */
  explorationItemAgeCutOff: number;
  seed: string;
}
