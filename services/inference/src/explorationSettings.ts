import { z } from 'zod';

/** How a campaign explores: `campaignConfig.itemExplorationConfig`, whose values are texts. */
export interface ExplorationSettings {
  /** @default 0.3 */
  explorationWeight: number;
  /** Days. @default 30 */
  explorationItemAgeCutOff: number;
  /** @default 0 */
  exposureImpressions: number;
  /** @default 24 */
  exposureHours: number;
}

/** Reads `campaignConfig`. Control has checked it. */
export const explorationSettings: z.ZodType<ExplorationSettings> = z
  .object({
    itemExplorationConfig: z
      .object({
        explorationWeight: z.coerce.number().min(0).max(1).default(0.3),
        explorationItemAgeCutOff: z.coerce.number().min(1).default(30),
        exposureImpressions: z.coerce.number().min(0).default(0),
        exposureHours: z.coerce.number().positive().default(24),
      })
      .prefault({}),
  })
  .transform(({ itemExplorationConfig }) => itemExplorationConfig);
