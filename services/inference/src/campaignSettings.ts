import { z } from 'zod';

/** What a campaign's settings say about serving. */
export interface CampaignSettings {
  /**
   * Whether a user may be shown items of the own history again. `exclude` never, `include` always, `auto` only where the
   * training data shows that users come back to items: at least 5% of its interactions repeat one of the user's.
   * @default 'auto'
   */
  seenItems: 'auto' | 'include' | 'exclude';
}

/** Reads the settings column of a campaign. Members that other parts own are passed over. */
export const campaignSettings: z.ZodType<CampaignSettings> = z.object({
  seenItems: z.enum(['auto', 'include', 'exclude']).default('auto'),
});
