import type { CampaignConfig } from '@attune/aws';
import { InvalidInputError } from '@attune/domain';

/**
 * What exploration can be told: how often, and of items how old in days; and beyond what the original has, how many
 * impressions a new item is promised, and within how many hours.
 */
const EXPLORATION: Readonly<Record<string, { minimum: number; maximum: number }>> = {
  explorationWeight: { minimum: 0, maximum: 1 },
  explorationItemAgeCutOff: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  exposureImpressions: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  exposureHours: { minimum: 1, maximum: 8760 },
};

/**
 * Checks how a campaign shall serve.
 * @throws InvalidInputError naming the member, its value and what is allowed
 */
export function checkCampaignConfig({ itemExplorationConfig = {} }: CampaignConfig): void {
  for (const [name, text] of Object.entries(itemExplorationConfig)) {
    const range = Object.hasOwn(EXPLORATION, name) ? EXPLORATION[name] : undefined;
    if (range === undefined) {
      throw new InvalidInputError(
        `itemExplorationConfig.${name} is no setting. There are ${Object.keys(EXPLORATION).join(', ')}.`,
      );
    }
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= range.minimum && value <= range.maximum && Number.isFinite(value))) {
      const most = Number.isFinite(range.maximum) ? ` to ${range.maximum}` : ' or more';
      throw new InvalidInputError(
        `itemExplorationConfig.${name} is "${text}". Expected a number, ${range.minimum}${most}.`,
      );
    }
  }
}
