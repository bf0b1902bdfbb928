import type { ItemId } from '@attune/domain';
import { type ItemCounts, type ItemObservation, nothingCounted, popularityWeight } from './itemStatistics';

/**
 * An item's counts as countItems.lua keeps them: interactions, impressions and the weights of impressions and clicks, then
 * the first and the last interaction.
 */
export function encodeCounts(counts: ItemCounts): string {
  const { interactions, impressions, impressionWeight, clickWeight, firstInteraction, lastInteraction } = counts;
  const seen = `${interactions} ${impressions} ${impressionWeight} ${clickWeight}`;
  return interactions > 0 ? `${seen} ${firstInteraction} ${lastInteraction}` : seen;
}

export function decodeCounts(itemId: ItemId, popularity: number, text: string): ItemCounts {
  const [interactions, impressions, impressionWeight, clickWeight, first, last] = text.split(' ').map(Number);
  return {
    itemId,
    interactions: interactions!,
    popularity,
    impressions: impressions!,
    impressionWeight: impressionWeight!,
    clickWeight: clickWeight!,
    ...(first !== undefined && { firstInteraction: first }),
    ...(last !== undefined && { lastInteraction: last }),
  };
}

/** What observations add to each item's counts. */
export function sumByItem(observations: readonly ItemObservation[]): ItemCounts[] {
  const sums = new Map<ItemId, ItemCounts>();
  for (const observation of observations) {
    const { itemId } = observation;
    const sum = sums.get(itemId) ?? nothingCounted(itemId);
    sums.set(itemId, sum);
    countObservation(sum, observation);
  }
  return [...sums.values()];
}

/** Adds an observation to the counts of its item. */
export function countObservation(counts: ItemCounts, { kind, timestamp, count = 1 }: ItemObservation): void {
  const weight = popularityWeight(timestamp);
  if (kind === 'impression') {
    counts.impressions += count;
    counts.impressionWeight += count * weight;
  } else if (kind === 'click') {
    counts.clickWeight += count * weight;
  } else {
    counts.interactions++;
    counts.popularity += weight;
    counts.firstInteraction = Math.min(counts.firstInteraction ?? timestamp, timestamp);
    counts.lastInteraction = Math.max(counts.lastInteraction ?? timestamp, timestamp);
  }
}

/** As countItems.lua takes them. */
export function toArguments(sum: ItemCounts): (string | number)[] {
  const { itemId, interactions, popularity, impressions, impressionWeight, clickWeight } = sum;
  const { firstInteraction = '', lastInteraction = '' } = sum;
  return [
    itemId,
    interactions,
    popularity,
    impressions,
    impressionWeight,
    clickWeight,
    firstInteraction,
    lastInteraction,
  ];
}
