import type { DatasetGroupName, ItemId } from '@attune/domain';
import { drawSome, exposureUrgency, type PoolEntry, poolWeight, seededRandom } from '@attune/exploration';
import type { Logger } from '@attune/service';
import { type ItemCounts, type ItemStatistics, popularityWeight } from '@attune/session';
import type { ExplorationSettings } from './explorationSettings';
import type { InferenceMetrics } from './inferenceMetrics';
import type { ItemCatalog } from './itemCatalog';
import type { StoreWatch } from './storeWatch';
import { youngItems } from './youngItems';

/** Items of a pool that one request may draw from: it weighs each, in some 10 us together. */
export const MOST_IN_A_DRAW = 100;

/** How often what is known of the items is read again, in milliseconds. */
const REFRESH_MS = 250;

/** How often the items themselves are looked for, where no item was put. */
const MEMBERS_MS = 1_000;

/** A pool that nobody has asked for in this time is let go. */
const IDLE_MS = 60_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The overall click rate begins as one click in twenty impressions, so that a pool has weights before anything was
 * reported.
 */
const FIRST_CLICKS = 1;
const FIRST_IMPRESSIONS = 20;

/** The items that a campaign may explore now. */
export interface ExplorationPool {
  /** All that are eligible, up to a bound. The same list as long as they are the same. */
  members: readonly ItemId[];
  /** Some of the members, as many as a request may draw from, with their places in `members`. */
  drawn: readonly { entry: PoolEntry; member: number }[];
  /** How many items are eligible. */
  eligible: number;
  /** Clicks per impression of all the dataset group's items. */
  clickRate: number;
}

/** Which pool is asked for. */
export interface PoolOf {
  /** The campaign's ARN. */
  arn: string;
  datasetGroup: DatasetGroupName;
  exploration: ExplorationSettings;
}

export interface ExplorationPoolsParts {
  statistics: Pick<ItemStatistics, 'fresh' | 'counts' | 'totals'>;
  catalog: Pick<ItemCatalog, 'createdAt' | 'createdSince' | 'undated' | 'revision'>;
  stores: Pick<StoreWatch, 'read'>;
  metrics: Pick<InferenceMetrics, 'poolItems' | 'exposure'>;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
}

interface Kept {
  of: PoolOf;
  askedAt: number;
  pool: ExplorationPool | undefined;
  preparing: Promise<void> | undefined;
  /** When and from which catalogue the members were taken. */
  members: { at: number; revision: number; eligible: number; list: readonly ItemId[] } | undefined;
}

/**
 * Prepares what campaigns explore, behind the back of requests: four times in a second while a campaign is asked for. Only
 * the first request to a campaign waits for it.
 */
export class ExplorationPools {
  private readonly kept = new Map<string, Kept>();
  private readonly random: ReturnType<typeof seededRandom>;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly parts: ExplorationPoolsParts) {
    this.random = seededRandom(String(parts.now()));
    this.timer = setInterval(() => this.refreshAll(), REFRESH_MS);
    this.timer.unref();
  }

  /** @returns undefined where the item statistics were never there, so that nothing can be explored */
  async pool(of: PoolOf): Promise<ExplorationPool | undefined> {
    let kept = this.kept.get(of.arn);
    if (kept?.of.exploration !== of.exploration) {
      kept = { of, askedAt: 0, pool: undefined, preparing: undefined, members: undefined };
      this.kept.set(of.arn, kept);
    }
    kept.askedAt = this.parts.now();
    if (!kept.pool) await this.prepare(kept);
    return kept.pool;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.kept.values()].map(({ preparing }) => preparing));
  }

  private refreshAll(): void {
    for (const [arn, kept] of this.kept) {
      if (this.parts.now() - kept.askedAt < IDLE_MS) void this.prepare(kept);
      else this.forget(arn);
    }
  }

  private forget(arn: string): void {
    const { poolItems, exposure } = this.parts.metrics;
    this.kept.delete(arn);
    poolItems.remove({ campaign: arn });
    for (const state of ['behind', 'missed'] as const) exposure.remove({ campaign: arn, state });
  }

  /** What can't be read leaves the pool as it was. It never rejects. */
  private prepare(kept: Kept): Promise<void> {
    kept.preparing ??= this.read(kept)
      .catch((error: unknown) => {
        this.parts.logger.error({ err: error, campaign: kept.of.arn }, 'what to explore could not be read');
      })
      .finally(() => {
        kept.preparing = undefined;
      });
    return kept.preparing;
  }

  private async read(kept: Kept): Promise<void> {
    const { statistics, stores } = this.parts;
    const { datasetGroup } = kept.of;
    const reading = await stores.read('statistics', async () => {
      const totals = await statistics.totals(datasetGroup);
      const latest = totals.latestInteraction ?? this.parts.now();
      const members = await this.membersOf(kept, latest);
      return { totals, latest, members, counts: await statistics.counts(datasetGroup, members.list) };
    });
    if (!reading) return;
    const { totals, latest, members, counts } = reading.result;
    const unit = weightOfNow(latest, counts.values());
    const impressions = totals.impressionWeight / unit;
    const clickRate = (totals.clickWeight / unit + FIRST_CLICKS) / (impressions + FIRST_IMPRESSIONS);
    const entries = members.list.map((itemId, member) => ({
      member,
      entry: this.entryOf(kept.of, itemId, counts.get(itemId), latest, unit),
    }));
    const weights = entries.map(({ entry }) => poolWeight(entry, 1, clickRate));
    const drawn = drawSome(entries, weights, MOST_IN_A_DRAW, this.random);
    kept.pool = { members: members.list, drawn, eligible: members.eligible, clickRate };
    this.measure(
      kept.of,
      entries.map(({ entry }) => entry),
      counts,
      members.eligible,
    );
  }

  private async membersOf(kept: Kept, latest: number): Promise<NonNullable<Kept['members']>> {
    const { datasetGroup, exploration } = kept.of;
    const at = this.parts.now();
    const revision = this.parts.catalog.revision(datasetGroup);
    const known = kept.members;
    if (known && known.revision === revision && at - known.at < MEMBERS_MS) return known;
    const since = latest - exploration.explorationItemAgeCutOff * DAY_MS;
    const { items, eligible } = await youngItems(this.parts, datasetGroup, since, this.random);
    const isSame = known?.list.length === items.length && items.every((item, index) => item === known.list[index]);
    kept.members = { at, revision, eligible, list: isSame ? known.list : items };
    return kept.members;
  }

  private entryOf(
    { datasetGroup, exploration }: PoolOf,
    itemId: ItemId,
    counts: ItemCounts | undefined,
    latest: number,
    unit: number,
  ): PoolEntry {
    const appeared = this.parts.catalog.createdAt(datasetGroup, itemId) ?? counts?.firstInteraction;
    // An item may be put into the catalogue after the latest interaction.
    const age = appeared === undefined ? undefined : Math.max(0, latest - appeared);
    return {
      itemId,
      ...(age !== undefined && { ageDays: age / DAY_MS }),
      // What was taken back may leave a sum a rounding below zero.
      impressions: Math.max(0, (counts?.impressionWeight ?? 0) / unit),
      clicks: Math.max(0, (counts?.clickWeight ?? 0) / unit),
      urgency: exposureUrgency(exploration, age === undefined ? undefined : age / HOUR_MS, counts?.impressions ?? 0),
    };
  }

  private measure(
    { arn, exploration }: PoolOf,
    entries: readonly PoolEntry[],
    counts: ReadonlyMap<ItemId, ItemCounts>,
    eligible: number,
  ): void {
    const { poolItems, exposure } = this.parts.metrics;
    const { exposureImpressions, exposureHours } = exploration;
    poolItems.set({ campaign: arn }, eligible);
    // An item that got too few in its time is told of for as long again, so that an alert has time to be seen.
    const missed = entries.filter(({ itemId, ageDays = 0 }) => {
      const hours = ageDays * 24;
      const isOver = hours > exposureHours && hours <= 2 * exposureHours;
      return isOver && (counts.get(itemId)?.impressions ?? 0) < exposureImpressions;
    });
    exposure.set({ campaign: arn, state: 'behind' }, entries.filter(({ urgency }) => urgency > 0).length);
    exposure.set({ campaign: arn, state: 'missed' }, missed.length);
  }
}

/**
 * What an impression of now weighs. Lists may be reported after the latest interaction, for years where nobody touches
 * anything; so it is at least the mean weight of any item's impressions, and no item has more of them than were counted.
 */
function weightOfNow(latest: number, counts: Iterable<ItemCounts>): number {
  let weight = popularityWeight(latest);
  for (const { impressions, impressionWeight } of counts) {
    if (impressions > 0) weight = Math.max(weight, impressionWeight / impressions);
  }
  return weight;
}
