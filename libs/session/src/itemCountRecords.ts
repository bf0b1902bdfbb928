import type { ItemId } from '@attune/domain';
import { type ItemCounts, type ItemObservation, nothingCounted, popularityWeight } from './itemStatistics';

const DOUBLES = 7;
const BYTES = DOUBLES * Float64Array.BYTES_PER_ELEMENT;

/**
 * Counts as countItems.lua takes and keeps them, seven little-endian doubles for each item: interactions, popularity,
 * impressions, the weights of impressions and clicks, the first and the last interaction. Where there is none, these two
 * are infinite, so that the earlier of two firsts, and the later of two lasts, is right.
 */
export function encodeCounts(counts: readonly ItemCounts[]): Buffer {
  const bytes = Buffer.allocUnsafe(counts.length * BYTES);
  let place = 0;
  for (const each of counts) {
    const { interactions, popularity, impressions, impressionWeight, clickWeight } = each;
    const { firstInteraction = Infinity, lastInteraction = -Infinity } = each;
    place = bytes.writeDoubleLE(interactions, place);
    place = bytes.writeDoubleLE(popularity, place);
    place = bytes.writeDoubleLE(impressions, place);
    place = bytes.writeDoubleLE(impressionWeight, place);
    place = bytes.writeDoubleLE(clickWeight, place);
    place = bytes.writeDoubleLE(firstInteraction, place);
    place = bytes.writeDoubleLE(lastInteraction, place);
  }
  return bytes;
}

/** @param bytes what `encodeCounts` makes of one item */
export function decodeCounts(itemId: ItemId, bytes: Buffer): ItemCounts {
  const at = (place: number) => bytes.readDoubleLE(place * Float64Array.BYTES_PER_ELEMENT);
  const [first, last] = [at(5), at(6)];
  return {
    itemId,
    interactions: at(0),
    popularity: at(1),
    impressions: at(2),
    impressionWeight: at(3),
    clickWeight: at(4),
    ...(first < Infinity && { firstInteraction: first }),
    ...(last > -Infinity && { lastInteraction: last }),
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
