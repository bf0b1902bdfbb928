import type { DatasetGroupName, ItemId } from '@attune/domain';
import { countObservation } from './itemCountRecords';
import {
  type ArchivedItemStatistics,
  type ItemCounts,
  type ItemObservation,
  type ItemStatistics,
  type ItemTotals,
  type ObservedPartition,
  popularityWeight,
} from './itemStatistics';
import { PopularityRanking } from './popularityRanking';

/** Item statistics in this process: gone when it ends, and taken from the archive again. */
export function inMemoryItemStatistics(): ItemStatistics {
  return new InMemoryItemStatistics();
}

class InMemoryItemStatistics implements ItemStatistics {
  private readonly groups = new Map<DatasetGroupName, GroupStatistics>();
  private forgettings = 0;

  async add(
    datasetGroup: DatasetGroupName,
    partition: ObservedPartition,
    observations: readonly ItemObservation[],
    fromArchive: () => Promise<ArchivedItemStatistics> = async () => ({ positions: new Map(), counts: [] }),
  ): Promise<void> {
    await this.restore(datasetGroup, fromArchive);
    this.groups.get(datasetGroup)!.add(partition, observations);
  }

  async forget(datasetGroup: DatasetGroupName): Promise<void> {
    this.forgettings++;
    this.groups.delete(datasetGroup);
  }

  async restore(datasetGroup: DatasetGroupName, fromArchive: () => Promise<ArchivedItemStatistics>): Promise<void> {
    while (!this.groups.has(datasetGroup)) {
      const { forgettings } = this;
      const { positions, counts } = await fromArchive();
      if (forgettings === this.forgettings && !this.groups.has(datasetGroup)) {
        await this.replace(datasetGroup, positions, counts);
      }
    }
  }

  async replace(
    datasetGroup: DatasetGroupName,
    positions: ReadonlyMap<ObservedPartition, number>,
    counts: readonly ItemCounts[],
  ): Promise<void> {
    this.groups.set(datasetGroup, new GroupStatistics(positions, counts));
  }

  async holds(datasetGroup: DatasetGroupName): Promise<boolean> {
    return this.groups.has(datasetGroup);
  }

  async popular(datasetGroup: DatasetGroupName, limit: number): Promise<ItemCounts[]> {
    return this.groups.get(datasetGroup)?.ranking.top(limit, ({ interactions }) => interactions > 0) ?? [];
  }

  async fresh(datasetGroup: DatasetGroupName, since: number, limit: number): Promise<ItemCounts[]> {
    const isFresh = ({ firstInteraction }: ItemCounts) => firstInteraction !== undefined && firstInteraction >= since;
    return this.groups.get(datasetGroup)?.ranking.top(limit, isFresh) ?? [];
  }

  async latestInteraction(datasetGroup: DatasetGroupName): Promise<number | undefined> {
    return this.groups.get(datasetGroup)?.latestInteraction;
  }

  async counts(datasetGroup: DatasetGroupName, itemIds: readonly ItemId[]): Promise<ReadonlyMap<ItemId, ItemCounts>> {
    const ranking = this.groups.get(datasetGroup)?.ranking;
    const found = new Map<ItemId, ItemCounts>();
    for (const itemId of itemIds) {
      const counts = ranking?.counts(itemId);
      if (counts) found.set(itemId, counts);
    }
    return found;
  }

  async totals(datasetGroup: DatasetGroupName): Promise<ItemTotals> {
    const group = this.groups.get(datasetGroup);
    if (!group) return { impressionWeight: 0, clickWeight: 0, latestInteraction: undefined };
    const { impressionWeight, clickWeight, latestInteraction } = group;
    return { impressionWeight, clickWeight, latestInteraction };
  }

  async close(): Promise<void> {
    this.groups.clear();
  }
}

class GroupStatistics {
  readonly ranking: PopularityRanking;
  latestInteraction: number | undefined;
  impressionWeight = 0;
  clickWeight = 0;
  /** The next offset of each partition that was not counted. */
  private readonly positions: Map<ObservedPartition, number>;

  constructor(positions: ReadonlyMap<ObservedPartition, number>, counts: readonly ItemCounts[]) {
    this.positions = new Map(positions);
    this.ranking = new PopularityRanking(counts);
    for (const { lastInteraction, impressionWeight, clickWeight } of counts) {
      this.noteInteraction(lastInteraction);
      this.impressionWeight += impressionWeight;
      this.clickWeight += clickWeight;
    }
  }

  add(partition: ObservedPartition, observations: readonly ItemObservation[]): void {
    const position = this.positions.get(partition) ?? 0;
    for (const observation of observations) {
      if (observation.offset >= position) this.count(observation);
    }
    const last = observations.at(-1);
    if (last) this.positions.set(partition, Math.max(position, last.offset + 1));
  }

  private count(observation: ItemObservation): void {
    const { kind, itemId, timestamp, count = 1 } = observation;
    this.ranking.update(itemId, (counts) => countObservation(counts, observation));
    if (kind === 'interaction') this.noteInteraction(timestamp);
    else if (kind === 'impression') this.impressionWeight += count * popularityWeight(timestamp);
    else this.clickWeight += count * popularityWeight(timestamp);
  }

  private noteInteraction(timestamp: number | undefined): void {
    if (timestamp === undefined) return;
    this.latestInteraction = Math.max(this.latestInteraction ?? timestamp, timestamp);
  }
}
