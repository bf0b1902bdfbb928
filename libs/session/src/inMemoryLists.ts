import { LRUCache } from 'lru-cache';
import { contentOf, lineOf, MAX_LIST_LOG, placeOf, recordsUpTo } from './listRecordTexts';
import { changeByLast, type ListChange } from './listReports';
import { LIST_TTL_SECONDS, type ListStore, type PlacedRecord } from './listStore';

export interface InMemoryListsOptions {
  /** @default 3600 */
  ttlSeconds?: number;
  /** The most lists held, some 500 bytes each; beyond it, the one that was touched longest ago goes. @default 100,000 */
  maxLists?: number;
}

/** Lists in this process: gone when it ends. */
export function inMemoryLists({
  ttlSeconds = LIST_TTL_SECONDS,
  maxLists = 100_000,
}: InMemoryListsOptions = {}): ListStore {
  const logs = new LRUCache<string, string>({ max: maxLists, ttl: ttlSeconds * 1000 });
  const note = (placed: PlacedRecord): ListChange[] => {
    const key = `${placed.datasetGroup}\0${placed.list}`;
    const log = logs.get(key) ?? '';
    const place = placeOf(placed);
    const isKnown = log.startsWith(`${place}\t`) || log.includes(`\n${place}\t`);
    if (!isKnown && (log.length > MAX_LIST_LOG || log.includes(`\t${contentOf(placed.record)}\t`))) return [];
    const next = isKnown ? log : log + lineOf(placed);
    logs.set(key, next);
    return changeByLast(recordsUpTo(next, place));
  };
  return {
    note: async (records) => records.map(note),
    close: async () => logs.clear(),
  };
}
