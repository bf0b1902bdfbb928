import type { ItemId, PoolItem, RelevantItem, Slate, SlateSlot } from '@attune/domain';

/**
 * A slot as the log keeps it: an array is a quarter of the object that says the same, and Postgres stores every list. What
 * was not left to chance has no third and fourth member.
 */
type SlotRecord = [itemId: ItemId, score: number, propensity?: number, explored?: 0 | 1];
type RelevantRecord = [itemId: ItemId, score: number];
type PoolRecord = [
  itemId: ItemId,
  score: number,
  weight: number,
  ageDays: number | null,
  impressions: number,
  clicks: number,
];

/** What of a list is kept as arrays. Lists that were stored before have objects in their place, as in `Slate`. */
export interface SlateRecords {
  slots: readonly (SlotRecord | SlateSlot)[];
  /** Null where the slots are the most relevant items, as they are without exploration. */
  relevant: readonly (RelevantRecord | RelevantItem)[] | null;
  pool: readonly (PoolRecord | PoolItem)[];
}

export function toSlotRecords({ slots }: Pick<Slate, 'slots'>): SlotRecord[] {
  return slots.map(({ itemId, score, propensity, explored }) =>
    propensity === 1 && !explored ? [itemId, score] : [itemId, score, propensity, explored ? 1 : 0],
  );
}

export function toRelevantRecords({ slots, relevant }: Pick<Slate, 'slots' | 'relevant'>): RelevantRecord[] | null {
  const same = relevant.length === slots.length && relevant.every((item, place) => isSame(item, slots[place]!));
  return same ? null : relevant.map(({ itemId, score }) => [itemId, score]);
}

export function toPoolRecords({ pool }: Pick<Slate, 'pool'>): PoolRecord[] {
  return pool.map(({ itemId, score, weight, ageDays, impressions, clicks }) => [
    itemId,
    score,
    weight,
    ageDays ?? null,
    impressions,
    clicks,
  ]);
}

export function fromSlateRecords(records: SlateRecords): Pick<Slate, 'slots' | 'relevant' | 'pool'> {
  const slots = records.slots.map(reader(slotOf));
  return {
    slots,
    relevant: records.relevant?.map(reader(relevantOf)) ?? slots.map(({ itemId, score }) => ({ itemId, score })),
    pool: records.pool.map(reader(poolItemOf)),
  };
}

/** Reads what is kept as an array, and what is an object as it is. */
const reader =
  <Stored extends readonly unknown[], Value extends object>(of: (record: Stored) => Value) =>
  (kept: Stored | Value): Value =>
    Array.isArray(kept) ? of(kept as unknown as Stored) : (kept as Value);

const isSame = (one: RelevantItem, other: RelevantItem) => one.itemId === other.itemId && one.score === other.score;

const slotOf = ([itemId, score, propensity = 1, explored = 0]: SlotRecord): SlateSlot => ({
  itemId,
  score,
  propensity,
  explored: explored === 1,
});

const relevantOf = ([itemId, score]: RelevantRecord): RelevantItem => ({ itemId, score });

const poolItemOf = ([itemId, score, weight, ageDays, impressions, clicks]: PoolRecord): PoolItem => ({
  itemId,
  score,
  weight,
  ...(ageDays !== null && { ageDays }),
  impressions,
  clicks,
});
