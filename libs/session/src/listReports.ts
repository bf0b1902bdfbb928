import type { ItemId } from '@attune/domain';

/** What became known of a list: that it was served, or that an event reported it as seen. */
export type ListRecord =
  | { kind: 'served'; items: readonly ItemId[] }
  | {
      kind: 'reported';
      /** Milliseconds since the epoch. */
      timestamp: number;
      /** What the event is about. */
      itemId?: ItemId;
      /** The items that were shown, where the event lists them. */
      impression?: readonly ItemId[];
    };

/** What the records of a list tell about its items. */
interface ListCounts {
  /** When the list was first reported. */
  timestamp: number;
  shown: ReadonlySet<ItemId>;
  clicked: ReadonlySet<ItemId>;
}

/** A change of what is counted of an item. */
export interface ListChange {
  kind: 'impression' | 'click';
  itemId: ItemId;
  timestamp: number;
  count: 1 | -1;
}

/**
 * What the last of a list's records changes in the counts of its items, so that the changes of all records add up to this:
 * once it is reported, each of its items was seen once; the items are those that events listed, or where none did, those
 * that were served. An item that was seen and that an event is about was clicked once. In whatever order the records come,
 * the sums are the same, but for the time they are counted at: that of the first report.
 */
export function changeByLast(records: readonly ListRecord[]): ListChange[] {
  if (records.every(tellsNoItems)) return [];
  const before = countsOf(records.slice(0, -1));
  const after = countsOf(records);
  const changes: ListChange[] = [];
  const compare = (kind: ListChange['kind'], from: ReadonlySet<ItemId>, to: ReadonlySet<ItemId>) => {
    const { timestamp } = after;
    for (const itemId of to) if (!from.has(itemId)) changes.push({ kind, itemId, timestamp, count: 1 });
    for (const itemId of from) if (!to.has(itemId)) changes.push({ kind, itemId, timestamp, count: -1 });
  };
  compare('impression', before.shown, after.shown);
  compare('click', before.clicked, after.clicked);
  return changes;
}

/** Of a list whose items are not known nothing is counted. */
const tellsNoItems = (record: ListRecord) => record.kind === 'reported' && !record.impression;

function countsOf(records: readonly ListRecord[]): ListCounts {
  const listed = new Set<ItemId>();
  const about = new Set<ItemId>();
  let served: readonly ItemId[] = [];
  let timestamp: number | undefined;
  for (const record of records) {
    if (record.kind === 'served') {
      served = record.items;
      continue;
    }
    timestamp ??= record.timestamp;
    for (const itemId of record.impression ?? []) listed.add(itemId);
    if (record.itemId !== undefined) about.add(record.itemId);
  }
  if (timestamp === undefined) return { timestamp: 0, shown: listed, clicked: listed };
  const shown = listed.size > 0 ? listed : new Set(served);
  return { timestamp, shown, clicked: new Set([...about].filter((itemId) => shown.has(itemId))) };
}
