import { UnavailableError } from '@attune/domain';
import type { Database, Queryable } from './database';

/** How many months after the present one have their partition made. Two leave a month's time to find out why one is not. */
const MONTHS_AHEAD = 2;

/** Any fixed number: processes that do this at the same time wait here for each other. */
const PARTITION_LOCK = 4_126_884;

/**
 * How long to wait for readers to finish. Adding a partition locks the default one against them, and whoever comes
 * later waits behind it, so it must not wait long.
 */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * Makes the partitions of interactions for this month and the next two, where they are not there yet. Rows of these
 * months that are in the default partition move over. Call it at the start and about once an hour; repeating it changes
 * nothing.
 * @param now milliseconds since the epoch
 * @returns the names of those that were made
 * @throws UnavailableError where somebody reads interactions for longer than 2 s: try again later, as nothing is lost while
 *   a partition is not there
 */
export async function ensurePartitions(db: Database, now: number): Promise<string[]> {
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => monthOf(now, ahead));
  if ((await missing(db, months)).length === 0) return [];
  try {
    return await db.transaction(async (transaction) => {
      await transaction.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await transaction.runScript(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const absent = await missing(transaction, months);
      for (const month of absent) await addPartition(transaction, month);
      return absent.map(({ partition }) => partition);
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new UnavailableError(
      'The partitions of coming months can not be added while somebody reads interactions. Try again later.',
      3600,
      { cause: error },
    );
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

interface Month {
  partition: string;
  /** The first millisecond, and the first that is no longer in it. */
  from: number;
  to: number;
}

function monthOf(now: number, ahead: number): Month {
  const date = new Date(now);
  const first = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
  const [year, month] = new Date(first(ahead)).toISOString().split('-');
  return { partition: `interaction_${year}_${month}`, from: first(ahead), to: first(ahead + 1) };
}

/** Months before the first partition by month have their place, too: the partition of all that is older. */
async function missing(db: Queryable, months: readonly Month[]): Promise<Month[]> {
  const rows = await db.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'interaction'::regclass`,
  );
  const names = new Set(rows.map(({ name }) => name));
  const older = [...names].find((name) => name.startsWith(OLDER))!;
  const firstMonth = `interaction_${older.slice(OLDER.length)}`;
  return months.filter(({ partition }) => partition >= firstMonth && !names.has(partition));
}

const OLDER = 'interaction_before_';

async function addPartition(transaction: Queryable, { partition, from, to }: Month): Promise<void> {
  await transaction.runScript(`
    create table ${partition} (like interaction including defaults);
    with moved as (
      delete from interaction_default where timestamp_ms >= ${from} and timestamp_ms < ${to} returning *
    )
    insert into ${partition} select * from moved;
    alter table interaction attach partition ${partition} for values from (${from}) to (${to});
  `);
}
