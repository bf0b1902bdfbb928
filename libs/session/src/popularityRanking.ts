import type { ItemId } from '@attune/domain';
import { type ItemCounts, nothingCounted } from './itemStatistics';

interface RankedItem {
  counts: ItemCounts;
  /** Its index in the order of popularity. */
  rank: number;
}

/**
 * Items in order of popularity. Popularity only grows, so the order is kept by moving an item up past those it has
 * overtaken: a few swaps per event, and nothing to sort when it is read.
 */
export class PopularityRanking {
  private readonly items = new Map<ItemId, RankedItem>();
  private readonly ranked: RankedItem[] = [];

  constructor(counts: readonly ItemCounts[] = []) {
    for (const each of counts.toSorted((a, b) => b.popularity - a.popularity)) this.append({ ...each });
  }

  /** Changes the counts of an item, which begin at zero. Popularity may grow only. */
  update(itemId: ItemId, change: (counts: ItemCounts) => void): void {
    const item = this.items.get(itemId) ?? this.append(nothingCounted(itemId));
    change(item.counts);
    this.moveUp(item);
  }

  /** The most popular items that satisfy the condition, most popular first. */
  top(limit: number, condition: (counts: ItemCounts) => boolean): ItemCounts[] {
    const found: ItemCounts[] = [];
    for (const { counts } of this.ranked) {
      if (found.length >= limit) break;
      if (condition(counts)) found.push({ ...counts });
    }
    return found;
  }

  counts(itemId: ItemId): ItemCounts | undefined {
    const item = this.items.get(itemId);
    return item && { ...item.counts };
  }

  private append(counts: ItemCounts): RankedItem {
    const item = { counts, rank: this.ranked.length };
    this.items.set(counts.itemId, item);
    this.ranked.push(item);
    return item;
  }

  private moveUp(item: RankedItem): void {
    for (let above = this.ranked[item.rank - 1]; above; above = this.ranked[item.rank - 1]) {
      if (above.counts.popularity >= item.counts.popularity) return;
      this.ranked[item.rank] = above;
      above.rank++;
      item.rank--;
      this.ranked[item.rank] = item;
    }
  }
}
