import type { ItemId, SlateSlot } from '@attune/domain';
import { Counter, Gauge, type Registry } from '@attune/service';

/** The window over which coverage and entropy are told, in milliseconds: two halves, of which the older is let go. */
const HALF_WINDOW_MS = 300_000;

interface Window {
  began: number;
  now: Map<ItemId, number>;
  before: Map<ItemId, number>;
  /** How many items there are to be shown. */
  catalogue: number;
}

/** Tells by campaign what share of slots goes to exploration and to new items, and how widely lists spread over the items. */
export class ShownItems {
  private readonly windows = new Map<string, Window>();
  private readonly slots: Counter<'campaign' | 'chosen_by'>;
  private readonly newItems: Counter<'campaign'>;

  /** @param now milliseconds since any origin */
  constructor(
    metrics: Registry,
    private readonly now: () => number,
  ) {
    const registers = [metrics];
    this.slots = new Counter({
      name: 'attune_inference_slots_total',
      help: 'Slots of served lists, by what chose their item: relevance or exploration.',
      labelNames: ['campaign', 'chosen_by'],
      registers,
    });
    this.newItems = new Counter({
      name: 'attune_inference_new_item_slots_total',
      help: 'Slots of served lists whose item could be explored: young enough, or without any history.',
      labelNames: ['campaign'],
      registers,
    });
    const windows = this.windows;
    new Gauge({
      name: 'attune_inference_shown_coverage',
      help: 'Share of the items of the model that lists of the last five to ten minutes showed.',
      labelNames: ['campaign'],
      registers,
      collect() {
        this.reset();
        for (const [campaign, window] of windows) {
          this.set({ campaign }, Math.min(1, countsOf(window).length / Math.max(1, window.catalogue)));
        }
      },
    });
    new Gauge({
      name: 'attune_inference_shown_entropy_bits',
      help: 'Entropy of the items that lists of the last five to ten minutes showed. One bit more: spread over twice as many.',
      labelNames: ['campaign'],
      registers,
      collect() {
        this.reset();
        for (const [campaign, window] of windows) this.set({ campaign }, entropyBits(countsOf(window)));
      },
    });
  }

  /**
   * Counts a list.
   * @param isNew whether an item could be explored
   * @param catalogue how many items the model knows
   */
  note(
    campaign: string,
    slots: readonly SlateSlot[],
    { isNew, catalogue }: { isNew: (itemId: ItemId) => boolean; catalogue: number },
  ): void {
    const { now } = this.windowOf(campaign, catalogue);
    let explored = 0;
    let fresh = 0;
    for (const slot of slots) {
      now.set(slot.itemId, (now.get(slot.itemId) ?? 0) + 1);
      if (slot.explored) explored++;
      if (isNew(slot.itemId)) fresh++;
    }
    this.slots.inc({ campaign, chosen_by: 'exploration' }, explored);
    this.slots.inc({ campaign, chosen_by: 'relevance' }, slots.length - explored);
    this.newItems.inc({ campaign }, fresh);
  }

  private windowOf(campaign: string, catalogue: number): Window {
    const at = this.now();
    let window = this.windows.get(campaign);
    if (!window) {
      window = { began: at, now: new Map(), before: new Map(), catalogue };
      this.windows.set(campaign, window);
    }
    if (at - window.began >= HALF_WINDOW_MS) {
      Object.assign(window, { began: at, now: new Map(), before: window.now });
    }
    window.catalogue = catalogue;
    return window;
  }
}

function countsOf({ now, before }: Window): number[] {
  const sums = new Map(now);
  for (const [itemId, count] of before) sums.set(itemId, (sums.get(itemId) ?? 0) + count);
  return [...sums.values()];
}

/** Shannon's entropy of a distribution given as counts, in bits. */
export function entropyBits(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((bits, count) => bits - (count / total) * Math.log2(count / total), 0);
}
