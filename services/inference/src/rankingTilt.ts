import { type ItemId, itemId } from '@attune/domain';
import type { ItemTilt } from '@attune/recommender';
import type { ScorePart } from './scorePart';

const DAY_MS = 24 * 3600 * 1000;

/** An item of this age in days is as fresh as not to be moved. */
const NEUTRAL_AGE_DAYS = 30;

/** How strongly a campaign leans towards the popular and the fresh: 0 not at all, 1 most. Absent counts as 0. */
export interface RankingInfluence {
  POPULARITY?: number | undefined;
  FRESHNESS?: number | undefined;
}

/** What a tilt is made from. All arrays are [items]. */
export interface TiltedItems {
  ids: readonly string[];
  /** Sums to 1. */
  popularity: Float32Array;
  /** Milliseconds since the epoch; NaN where no one touched the item. */
  firstInteractions: Float64Array;
  /** From when ages are counted back, in milliseconds since the epoch: the latest interaction that the model has seen. */
  latest: number;
}

/**
 * How much more popular than the mean item: with as many items as there are, the mean is 1. An item that nobody touched
 * has a share of one pseudo-count, never 0.
 */
export const popularityFactor = (share: number, items: number): number => share * items;

/** 2 for an item of today, 1 for one of 30 days, 1/2 for one of 90 days, 0.15 for one of a year. */
export function freshnessFactor(birth: number, latest: number): number {
  const days = Math.max(0, latest - birth) / DAY_MS;
  return 2 / (1 + days / NEUTRAL_AGE_DAYS);
}

/** How a campaign's `rankingInfluence` moves the scores of a model. */
export interface RankingTilt {
  /** Undefined where the influence is none. */
  tilt(): ItemTilt | undefined;
  /** Changes when the tilt may have: with the catalogue. */
  revision(): number;
  /** What each influence adds to the logarithm of an item's score, before the scores are made to add up to 1 again. */
  partsOf(item: number): ScorePart[];
}

/** The dates of a catalogue. */
export interface ItemDates {
  /** Milliseconds since the epoch, where the catalogue has it. */
  createdAt(id: ItemId): number | undefined;
  /** Changes with what is known of the items. */
  revision(): number;
}

/**
 * The multipliers by which a campaign's `rankingInfluence` moves scores:
 *
 *     popularityFactor ^ POPULARITY * freshnessFactor ^ FRESHNESS
 *
 * An item's birth is its creation where the catalogue has it, else its first interaction, else now.
 */
export function rankingTilt(
  { ids, popularity, firstInteractions, latest }: TiltedItems,
  { POPULARITY: towardsPopular = 0, FRESHNESS: towardsFresh = 0 }: RankingInfluence,
  dates: ItemDates,
): RankingTilt {
  const popular = (item: number) => popularityFactor(popularity[item]!, ids.length);
  const fresh = (item: number) => {
    const first = firstInteractions[item]!;
    const birth = dates.createdAt(itemId(ids[item]!)) ?? (Number.isNaN(first) ? latest : first);
    return freshnessFactor(birth, latest);
  };
  return {
    revision: () => dates.revision(),
    tilt: () => {
      if (towardsPopular === 0 && towardsFresh === 0) return undefined;
      let mean = 0;
      const multipliers = popularity.map((share, item) => {
        const byAge = towardsFresh === 0 ? 1 : fresh(item) ** towardsFresh;
        const multiplier = popular(item) ** towardsPopular * byAge;
        mean += share * multiplier;
        return multiplier;
      });
      return { multipliers, mean };
    },
    partsOf: (item) => [
      ...(towardsPopular > 0
        ? [{ name: 'INFLUENCE_POPULARITY', contribution: towardsPopular * Math.log(popular(item)) }]
        : []),
      ...(towardsFresh > 0
        ? [{ name: 'INFLUENCE_FRESHNESS', contribution: towardsFresh * Math.log(fresh(item)) }]
        : []),
    ],
  };
}
