import type { ItemId } from '@attune/domain';
import { type ItemCounts, type ItemObservation, popularityWeight } from './itemStatistics';

/** An item's counts as countItems.lua keeps them: interactions and impressions, then the first and the last interaction. */
export function encodeCounts(counts: ItemCounts): string {
  const { interactions, impressions, firstInteraction, lastInteraction } = counts;
  return interactions > 0
    ? `${interactions} ${impressions} ${firstInteraction} ${lastInteraction}`
    : `${interactions} ${impressions}`;
}

export function decodeCounts(itemId: ItemId, popularity: number, text: string): ItemCounts {
  const [interactions, impressions, first, last] = text.split(' ').map(Number);
  return {
    itemId,
    interactions: interactions!,
    popularity,
    impressions: impressions!,
    ...(first !== undefined && { firstInteraction: first }),
    ...(last !== undefined && { lastInteraction: last }),
  };
}

/** What observations add to each item's counts. */
export function sumByItem(observations: readonly ItemObservation[]): ItemCounts[] {
  const sums = new Map<ItemId, ItemCounts>();
  for (const { kind, itemId, timestamp } of observations) {
    const sum = sums.get(itemId) ?? { itemId, interactions: 0, popularity: 0, impressions: 0 };
    sums.set(itemId, sum);
    if (kind === 'impression') {
      sum.impressions++;
      continue;
    }
    sum.interactions++;
    sum.popularity += popularityWeight(timestamp);
    sum.firstInteraction = Math.min(sum.firstInteraction ?? timestamp, timestamp);
    sum.lastInteraction = Math.max(sum.lastInteraction ?? timestamp, timestamp);
  }
  return [...sums.values()];
}

/** As countItems.lua takes them. */
export function toArguments(sum: ItemCounts): (string | number)[] {
  const { itemId, interactions, popularity, impressions, firstInteraction = '', lastInteraction = '' } = sum;
  return [itemId, interactions, popularity, impressions, firstInteraction, lastInteraction];
}
