import type { DatasetGroupName, ItemId } from '@attune/domain';

/**
 * Half-life of an interaction's weight in the popularity of its item.
 * Thirty days is the default item age cut-off of the recipe: a month is its horizon for what is current.
 */
export const POPULARITY_HALF_LIFE_MS = 30 * 24 * 3600 * 1000;

/** 2020-01-01, where a weight is 1. Any date would do: only ratios of weights matter. */
export const POPULARITY_LANDMARK_MS = 1_577_836_800_000;

/**
 * Weight of an interaction in its item's popularity: doubles every half-life, so that sums of weights can be compared
 * without ever being updated (forward decay; Cormode et al., ICDE 2009). Exact in a double until the year 2100.
 */
export function popularityWeight(timestamp: number): number {
  return 2 ** ((timestamp - POPULARITY_LANDMARK_MS) / POPULARITY_HALF_LIFE_MS);
}

/** What a dataset group's users did with one item. */
export interface ItemCounts {
  itemId: ItemId;
  interactions: number;
  /** Sum of `popularityWeight` over the interactions. */
  popularity: number;
  /** How many lists that were reported as seen had the item. */
  impressions: number;
  /** Sum of `popularityWeight` over the impressions, each at the time of its list's first report. */
  impressionWeight: number;
  /** The same sum over the impressions that led to an event about the item. */
  clickWeight: number;
  /** The first and the latest interaction, in milliseconds since the epoch. Absent while there is none. */
  firstInteraction?: number;
  lastInteraction?: number;
}

/** What is there of an item before anything has happened to it. */
export function nothingCounted(itemId: ItemId): ItemCounts {
  return { itemId, interactions: 0, popularity: 0, impressions: 0, impressionWeight: 0, clickWeight: 0 };
}

/** How often and when the items of a dataset group were seen and touched, all together. */
export interface ItemTotals {
  /** Sums of the counts of all items. */
  impressionWeight: number;
  clickWeight: number;
  /** The latest interaction, in milliseconds since the epoch; undefined where there is none. */
  latestInteraction: number | undefined;
}

/** One thing that happened to an item, read from the bus. */
export interface ItemObservation {
  kind: 'interaction' | 'impression' | 'click';
  itemId: ItemId;
  /**
   * -1 takes back an impression or a click: what was counted of a list before it was reported explicitly.
   * @default 1
   */
  count?: 1 | -1;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** Where the event lies in its partition. */
  offset: number;
}

/** A partition of the interactions, by number, or of another topic, by name and number. */
export type ObservedPartition = number | `slates:${number}`;

/** The statistics of a dataset group at one moment of the archive. */
export interface ArchivedItemStatistics {
  /** The next offset that the archive has not read, for each partition. */
  positions: ReadonlyMap<ObservedPartition, number>;
  counts: readonly ItemCounts[];
}

/** Running counts per item. Only the feature service writes them. */
export interface ItemStatistics {
  /**
   * Counts observations of one partition, in order of their offsets. Those below the partition's high-water offset were
   * counted before and change nothing, so a batch may be given again. All observations of one event, which share its
   * offset, belong in one call.
   * @param fromArchive gives the statistics of a dataset group that is not in the store. Without it, they begin at zero.
   */
  add(
    datasetGroup: DatasetGroupName,
    partition: ObservedPartition,
    observations: readonly ItemObservation[],
    fromArchive?: () => Promise<ArchivedItemStatistics>,
  ): Promise<void>;
  /**
   * Replaces all counts of a dataset group by what the archive holds.
   * @param positions the next offset that the archive has not read, for each partition
   */
  replace(
    datasetGroup: DatasetGroupName,
    positions: ReadonlyMap<ObservedPartition, number>,
    counts: readonly ItemCounts[],
  ): Promise<void>;
  /**
   * Drops all counts of a dataset group. A restoration that began before begins anew, so that none keeps what the archive
   * held before this call.
   */
  forget(datasetGroup: DatasetGroupName): Promise<void>;
  /** Takes the counts of a dataset group from the archive where the store has none. */
  restore(datasetGroup: DatasetGroupName, fromArchive: () => Promise<ArchivedItemStatistics>): Promise<void>;
  /** Whether the store has statistics of the dataset group. One that was emptied has not, until they are restored. */
  holds(datasetGroup: DatasetGroupName): Promise<boolean>;
  /** The most popular items, most popular first. Those that were only seen are none. */
  popular(datasetGroup: DatasetGroupName, limit: number): Promise<ItemCounts[]>;
  /** Items whose first interaction is at or after `since`, most popular first. */
  fresh(datasetGroup: DatasetGroupName, since: number, limit: number): Promise<ItemCounts[]>;
  /** The latest interaction of the dataset group, from which item ages are counted; undefined where there is none. */
  latestInteraction(datasetGroup: DatasetGroupName): Promise<number | undefined>;
  /** The counts of these items. One that nothing has happened to is absent. */
  counts(datasetGroup: DatasetGroupName, itemIds: readonly ItemId[]): Promise<ReadonlyMap<ItemId, ItemCounts>>;
  totals(datasetGroup: DatasetGroupName): Promise<ItemTotals>;
  close(): Promise<void>;
}
