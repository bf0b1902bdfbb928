import type { ItemId } from '@attune/domain';
import type { ListRecord } from './listReports';
import type { PlacedRecord } from './listStore';

/**
 * The longest log of one list, in characters: a list of 500 items with the longest ids and hundreds of reports. What else is
 * told of it is not counted.
 */
export const MAX_LIST_LOG = 200_000;

/** The place of a record on the bus, as one word. */
export function placeOf({ partition, offset }: Pick<PlacedRecord, 'partition' | 'offset'>): string {
  return `${partition}:${offset}`;
}

/** What a record tells, but for its time: where two are equal, the later tells nothing new. */
export function contentOf(record: ListRecord): string {
  if (record.kind === 'served') return JSON.stringify([record.items]);
  const impression = record.impression && [...new Set(record.impression)].sort();
  return JSON.stringify([record.itemId ?? null, impression ?? null]);
}

/** Neither JSON nor a place holds the characters between: line break and tab. */
export function lineOf(placed: PlacedRecord): string {
  const { record } = placed;
  return `${placeOf(placed)}\t${contentOf(record)}\t${record.kind === 'served' ? '' : record.timestamp}\n`;
}

/** The records of a list's log, up to and including the one from a place. */
export function recordsUpTo(log: string, place: string): ListRecord[] {
  const records: ListRecord[] = [];
  for (const line of log.split('\n')) {
    if (line === '') continue;
    const [from, content, timestamp] = line.split('\t') as [string, string, string];
    records.push(decode(content, timestamp));
    if (from === place) break;
  }
  return records;
}

function decode(content: string, timestamp: string): ListRecord {
  if (timestamp === '') return { kind: 'served', items: (JSON.parse(content) as [ItemId[]])[0] };
  const [itemId, impression] = JSON.parse(content) as [ItemId | null, ItemId[] | null];
  return {
    kind: 'reported',
    timestamp: Number(timestamp),
    ...(itemId !== null && { itemId }),
    ...(impression !== null && { impression }),
  };
}
