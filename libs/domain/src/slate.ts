import type { DatasetGroupName, ItemId, RecommendationId, UserId } from './ids';

/** One place of a list: which item, why it ranks there, and how probable that choice was. */
export interface SlateSlot {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. 0 where the model does not know the item. */
  score: number;
  /** The probability of this choice given the slots above it; 1 where nothing was left to chance. */
  propensity: number;
  /** Whether exploration drew the item from the pool. The same item could also have come by relevance. */
  explored: boolean;
}

/** An item that may be shown, with its relevance to the user. */
export interface RelevantItem {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. */
  score: number;
}

/** An item that exploration could draw, as the policy saw it. */
export interface PoolItem {
  itemId: ItemId;
  /** The probability that this item comes next, over the whole catalogue. 0 where the model does not know the item. */
  score: number;
  /** Its share in a draw, before normalising. Above 0. */
  weight: number;
  /** Days before the latest interaction in the data. Absent where nothing tells: no creation time and no interaction. */
  ageDays?: number;
  /** Reported impressions and the clicks on them, discounted by their age. */
  impressions: number;
  clicks: number;
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
  /** A ranking puts the caller's own items in order, and leaves nothing to chance. */
  kind: 'recommendations' | 'ranking';
  policy: SlatePolicySettings;
  /** The most relevant items, most relevant first: as many as there are slots. */
  relevant: readonly RelevantItem[];
  /** What exploration could draw from. Empty where the weight is 0. */
  pool: readonly PoolItem[];
  /** How many items could have been explored; the pool is what a bounded draw left of them. */
  poolEligible: number;
  /** The dataset group's clicks per impression at that time, from which the pool's weights are made. 0 without a pool. */
  clickRate: number;
  slots: readonly SlateSlot[];
  /** The request's context, by column of the interactions schema. */
  context?: Readonly<Record<string, string>>;
  /** Whether a store was away: the list may lack the user's latest events. */
  degraded: boolean;
}

/** What decides how a slate is filled, beside relevance and the pool. Together with these it fills the same slate again. */
export interface SlatePolicySettings {
  /** Names the rule. A rule that fills slates differently has another name. */
  version: string;
  /**
   * How often a slot is given to an item of the exploration pool. 0 is pure relevance.
   * @minimum 0 @maximum 1 @default 0.3
   */
  explorationWeight: number;
  /**
   * How old an item of the exploration pool may be, in days before the latest interaction in the data.
   * @minimum 1 @default 30
   */
  explorationItemAgeCutOff: number;
  /** Seeds the generator of the slate's random numbers. */
  seed: string;
  /**
   * How many impressions each new item is promised, where traffic allows. 0 promises none.
   * @minimum 0 @default 0
   */
  exposureImpressions: number;
  /**
   * Within how many hours of its appearance an item is promised its impressions.
   * @default 24
   */
  exposureHours: number;
}
