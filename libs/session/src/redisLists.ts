import type { DatasetGroupName } from '@attune/domain';
import { contentOf, lineOf, MAX_LIST_LOG, placeOf, recordsUpTo } from './listRecordTexts';
import { changeByLast, type ListChange } from './listReports';
import { LIST_TTL_SECONDS, type ListStore, type PlacedRecord } from './listStore';
import type { RedisConnection } from './redisConnection';
import { RedisScript } from './redisScript';

export interface RedisListsOptions {
  redis: RedisConnection;
  /** Begins every key. @default "attune:" */
  prefix?: string;
  /** @default 3600 */
  ttlSeconds?: number;
}

/**
 * Lists in Redis, one text for each: a log of what became known of it, to which a script appends what is new. Two topics
 * tell of a list, and the log decides which came first. A list of 25 items takes some 500 bytes.
 *
 * Every method rejects with UnavailableError where Redis is away. `close` leaves the connection to its opener.
 */
export function redisLists({ redis, prefix = 'attune:', ttlSeconds = LIST_TTL_SECONDS }: RedisListsOptions): ListStore {
  const script = new RedisScript('noteLists.lua');
  return {
    note: async (records) => {
      const keyed = records.map((placed, index) => ({ index, placed, key: keyOf(prefix, placed) }));
      const changes: ListChange[][] = [];
      await Promise.all(
        redis.callsOf(keyed, RECORDS_A_CALL).map(async (call) => {
          const logs = (await redis.runScript(
            script,
            call.map(({ key }) => key),
            [ttlSeconds, MAX_LIST_LOG, ...call.flatMap(({ placed }) => textsOf(placed))],
          )) as (string | null)[];
          for (const [place, { index, placed }] of call.entries()) {
            const log = logs[place];
            changes[index] = log ? changeByLast(recordsUpTo(log, placeOf(placed))) : [];
          }
        }),
      );
      return changes;
    },
    close: async () => {},
  };
}

/** Records in one call, which keeps Redis from others for 0.2 ms. */
const RECORDS_A_CALL = 64;

function textsOf(placed: PlacedRecord): string[] {
  return [`${placeOf(placed)}\t`, `\t${contentOf(placed.record)}\t`, lineOf(placed), placed.record.kind];
}

/** Without braces for a cluster, so that the lists of a dataset group lie on all nodes. */
function keyOf(prefix: string, { datasetGroup, list }: { datasetGroup: DatasetGroupName; list: string }): string {
  return `${prefix}list:${datasetGroup}/${list.replaceAll(/[%{}]/g, encodeURIComponent)}`;
}
