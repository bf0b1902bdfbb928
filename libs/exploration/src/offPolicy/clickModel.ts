import type { ItemId } from '@attune/domain';
import { seededRandom } from '../seededRandom';

/** What a list showed, and what of it was clicked. */
export interface ShownList {
  items: readonly ItemId[];
  /** By slot: 1 for a click, 0 for none. */
  rewards: readonly number[];
}

/** How many impressions an item's click rate is taken to have had at the mean rate before any was seen. */
const PRIOR_IMPRESSIONS = 20;

/**
 * Expects of an item in a slot a click with the item's rate times the slot's factor: position and item act apart (the position-based
 * model; Craswell et al. 2008). A slot's factor is its click rate over the mean of all. An item's rate is its clicks over the
 * clicks that the slots it was in would bring at the mean, shrunk to the mean by 20 impressions.
 *
 * Doubly robust estimates need no more of a model than that it was not fitted to the list it speaks of.
 */
export class ClickModel {
  private readonly slotFactors: number[];
  private readonly slotRates: number[];
  private readonly itemRates: ReadonlyMap<ItemId, number>;
  private readonly meanRate: number;

  constructor(lists: readonly ShownList[]) {
    const impressions: number[] = [];
    const clicks: number[] = [];
    for (const { rewards } of lists) {
      rewards.forEach((reward, slot) => {
        impressions[slot] = (impressions[slot] ?? 0) + 1;
        clicks[slot] = (clicks[slot] ?? 0) + reward;
      });
    }
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    this.meanRate = impressions.length > 0 ? sum(clicks) / sum(impressions) : 0;
    this.slotRates = clicks.map((clicked, slot) => clicked / impressions[slot]!);
    this.slotFactors = this.slotRates.map((rate) => (this.meanRate > 0 ? rate / this.meanRate : 1));
    this.itemRates = this.ratesOf(lists);
  }

  /** The clicks that an item brings at the mean of all slots. */
  rate(item: ItemId): number {
    return this.itemRates.get(item) ?? this.meanRate;
  }

  /** How much more or less a slot brings than the mean slot. */
  factor(slot: number): number {
    return this.slotFactors[slot] ?? 1;
  }

  /** The clicks below a slot of a list with so many slots, as the log had them. */
  below(slot: number, slots: number): number {
    let sum = 0;
    for (let lower = slot + 1; lower < slots; lower++) sum += this.slotRates[lower] ?? 0;
    return sum;
  }

  private ratesOf(lists: readonly ShownList[]): Map<ItemId, number> {
    const counts = new Map<ItemId, { expected: number; clicks: number }>();
    for (const { items, rewards } of lists) {
      items.forEach((item, slot) => {
        const count = counts.get(item) ?? { expected: 0, clicks: 0 };
        count.expected += this.factor(slot);
        count.clicks += rewards[slot]!;
        counts.set(item, count);
      });
    }
    const prior = PRIOR_IMPRESSIONS * this.meanRate;
    return new Map(
      [...counts].map(([item, { expected, clicks }]) => [item, (clicks + prior) / (expected + PRIOR_IMPRESSIONS)]),
    );
  }
}

const FOLDS = 5;

/**
 * Click models of which each was fitted to the lists of other users than those it is asked about (cross-fitting; Chernozhukov et
 * al. 2018), so that no list is corrected by what was learned from it.
 */
export class CrossFittedClicks {
  private readonly models: readonly ClickModel[];

  constructor(lists: readonly (ShownList & { cluster: string })[]) {
    const folds = lists.map(({ cluster }) => foldOf(cluster));
    this.models = Array.from(
      { length: FOLDS },
      (_, fold) => new ClickModel(lists.filter((_, at) => folds[at] !== fold)),
    );
  }

  /** The model to ask about the lists of a cluster. */
  for(cluster: string): ClickModel {
    return this.models[foldOf(cluster)]!;
  }
}

function foldOf(cluster: string): number {
  return Math.floor(seededRandom(cluster).uniform() * FOLDS);
}
