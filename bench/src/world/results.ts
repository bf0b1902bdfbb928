import type { World } from '@attune/world';
import { daysToFairShare, type GoodItem, medianWait, shareWithPromise, type Wait } from './discovery';
import type { DayMeasures, Measures } from './measures';
import { PROMISE } from './policies';

/** What a policy brought about over all days of a world, for figures, table and plots. */
export interface PolicyResult {
  policy: string;
  days: readonly DayMeasures[];
  clicks: number;
  expectedClicks: number;
  regret: number;
  /** Shares of all slots. */
  explored: number;
  newItems: number;
  /** The share of all items that were shown at all. */
  coverage: number;
  /** Of the good new items, to their fair share of impressions. */
  waits: readonly Wait[];
  /** In days; absent where less than half of them got there. */
  medianWait?: number;
  /** The share of new items with `PROMISE`'s impressions in time. */
  promised: number;
}

export function resultOf(world: World, policy: string, measures: Measures, good: readonly GoodItem[]): PolicyResult {
  const slots = measures.total('slots');
  const waits = daysToFairShare(world, measures, good);
  const median = medianWait(waits);
  return {
    policy,
    days: measures.days,
    clicks: measures.total('clicks'),
    expectedClicks: measures.total('expectedClicks'),
    regret: measures.regret,
    explored: measures.total('explored') / slots,
    newItems: measures.total('newItemSlots') / slots,
    coverage: measures.coverage,
    waits,
    ...(median !== undefined && { medianWait: median }),
    promised: shareWithPromise(world, measures, PROMISE.impressions, PROMISE.hours),
  };
}
