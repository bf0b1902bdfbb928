import { z } from 'zod';
import type { RankingInfluence } from './rankingTilt';

/** What a campaign's settings, and its `campaignConfig` in the API's names, say about serving. */
export interface CampaignSettings {
  /**
   * Whether a user may be shown items of the own history again. `exclude` never, `include` always, `auto` only where the
   * training data shows that users come back to items: at least 5% of its interactions repeat one of the user's.
   * @default 'auto'
   */
  seenItems: 'auto' | 'include' | 'exclude';
  /** @default {} pure relevance */
  rankingInfluence: RankingInfluence;
}

const influence = z.number().min(0).max(1).optional();

/** Reads the settings and the configuration of a campaign. Members that other parts own are passed over. */
export const campaignSettings: z.ZodType<CampaignSettings> = z.object({
  seenItems: z.enum(['auto', 'include', 'exclude']).default('auto'),
  rankingInfluence: z.object({ POPULARITY: influence, FRESHNESS: influence }).default({}),
});
