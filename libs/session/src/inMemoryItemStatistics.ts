import type { DatasetGroupName, ItemId } from '@attune/domain';
import type { ItemCounts, ItemObservation, ItemStatistics } from './itemStatistics';
import { popularityWeight } from './itemStatistics';

interface GroupCounts {
  items: Map<ItemId, ItemCounts>;
  /** The next offset to count, for each partition. */
  positions: Map<number, number>;
  latestInteraction: number | undefined;
  /** All items by popularity; undefined while counts have changed since it was last asked for. */
  ranked: readonly ItemCounts[] | undefined;
}

/** Item statistics in this process's memory, for the embedded server and for tests. */
export function inMemoryItemStatistics(): ItemStatistics {
  const groups = new Map<DatasetGroupName, GroupCounts>();

  const groupOf = (datasetGroup: DatasetGroupName): GroupCounts => {
    const group = groups.get(datasetGroup) ?? {
      items: new Map(),
      positions: new Map(),
      latestInteraction: undefined,
      ranked: undefined,
    };
    groups.set(datasetGroup, group);
    return group;
  };

  const rankedOf = (datasetGroup: DatasetGroupName): readonly ItemCounts[] => {
    const group = groups.get(datasetGroup);
    if (!group) return [];
    group.ranked ??= [...group.items.values()].sort(byPopularity);
    return group.ranked;
  };

  return {
    add: async (datasetGroup, partition, observations) => {
      const group = groupOf(datasetGroup);
      const position = group.positions.get(partition) ?? 0;
      const unread = observations.filter(({ offset }) => offset >= position);
      const last = unread.at(-1);
      if (!last) return;
      for (const observation of unread) count(group, observation);
      group.positions.set(partition, last.offset + 1);
      group.ranked = undefined;
    },
    replace: async (datasetGroup, positions, counts) => {
      const latest = counts.reduce((max, { lastInteraction = 0 }) => Math.max(max, lastInteraction), 0);
      groups.set(datasetGroup, {
        items: new Map(counts.map((each) => [each.itemId, { ...each }])),
        positions: new Map(positions),
        latestInteraction: latest > 0 ? latest : undefined,
        ranked: undefined,
      });
    },
    popular: async (datasetGroup, limit) => rankedOf(datasetGroup).slice(0, limit),
    fresh: async (datasetGroup, since, limit) => {
      const fresh: ItemCounts[] = [];
      for (const item of rankedOf(datasetGroup)) {
        if (fresh.length >= limit) break;
        if (item.firstInteraction !== undefined && item.firstInteraction >= since) fresh.push(item);
      }
      return fresh;
    },
    latestInteraction: async (datasetGroup) => groups.get(datasetGroup)?.latestInteraction,
    close: async () => groups.clear(),
  };
}

/** Ties go by id, so that the same counts always give the same list. */
function byPopularity(a: ItemCounts, b: ItemCounts): number {
  return b.popularity - a.popularity || (a.itemId < b.itemId ? -1 : 1);
}

function count(group: GroupCounts, { kind, itemId, timestamp }: ItemObservation): void {
  const before = group.items.get(itemId) ?? { itemId, interactions: 0, popularity: 0, impressions: 0 };
  group.items.set(itemId, kind === 'impression' ? { ...before, impressions: before.impressions + 1 } : interacted(before, timestamp));
  if (kind === 'interaction') group.latestInteraction = Math.max(group.latestInteraction ?? timestamp, timestamp);
}

function interacted(before: ItemCounts, timestamp: number): ItemCounts {
  return {
    ...before,
    interactions: before.interactions + 1,
    popularity: before.popularity + popularityWeight(timestamp),
    firstInteraction: Math.min(before.firstInteraction ?? timestamp, timestamp),
    lastInteraction: Math.max(before.lastInteraction ?? timestamp, timestamp),
  };
}
