import { UnavailableError } from '@attune/domain';
import type { Database, Queryable } from './database';

/** A table that is partitioned by month of one of its columns, which holds milliseconds since the epoch. */
export interface PartitionedTable {
  name: 'interaction' | 'slate';
  timeColumn: string;
}

export const INTERACTIONS: PartitionedTable = { name: 'interaction', timeColumn: 'timestamp_ms' };
export const SLATES: PartitionedTable = { name: 'slate', timeColumn: 'served_ms' };

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
 * Makes the partitions of a table for this month and the next two, where they are not there yet. Rows of these
 * months that are in the default partition move over. Call it at the start and about once an hour; repeating it changes
 * nothing.
 * @param now milliseconds since the epoch
 * @returns the names of those that were made
 * @throws UnavailableError where somebody reads the table for longer than 2 s: try again later, as nothing is lost while
 *   a partition is not there
 */
export async function ensurePartitions(
  db: Database,
  now: number,
  table: PartitionedTable = INTERACTIONS,
): Promise<string[]> {
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => monthOf(table, now, ahead));
  if ((await missing(db, table, months)).length === 0) return [];
  return withoutWaiting(db, table, async (transaction) => {
    const absent = await missing(transaction, table, months);
    for (const month of absent) await addPartition(transaction, table, month);
    return absent.map(({ partition }) => partition);
  });
}

const LOCK_NOT_AVAILABLE = '55P03';

interface Month {
  partition: string;
  /** The first millisecond, and the first that is no longer in it. */
  from: number;
  to: number;
}

function monthOf({ name }: PartitionedTable, now: number, ahead: number): Month {
  const date = new Date(now);
  const first = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
  const [year, month] = new Date(first(ahead)).toISOString().split('-');
  return { partition: `${name}_${year}_${month}`, from: first(ahead), to: first(ahead + 1) };
}

/** Months before the first partition by month have their place, too: the partition of all that is older. */
async function missing(db: Queryable, { name }: PartitionedTable, months: readonly Month[]): Promise<Month[]> {
  const names = new Set(await partitionsOf(db, name));
  const older = [...names].find((partition) => partition.startsWith(`${name}_before_`))!;
  const firstMonth = older.replace('_before_', '_');
  return months.filter(({ partition }) => partition >= firstMonth && !names.has(partition));
}

async function partitionsOf(db: Queryable, table: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = $1::regclass order by relname`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function addPartition(
  transaction: Queryable,
  { name, timeColumn }: PartitionedTable,
  { partition, from, to }: Month,
): Promise<void> {
  await transaction.runScript(`
    create table ${partition} (like ${name} including defaults);
    with moved as (
      delete from ${name}_default where ${timeColumn} >= ${from} and ${timeColumn} < ${to} returning *
    )
    insert into ${partition} select * from moved;
    alter table ${name} attach partition ${partition} for values from (${from}) to (${to});
  `);
}

/**
 * Drops the months of a table that lie wholly before a time; what is as old in the partitions of no month is deleted. Call it about
 * once an hour; repeating it changes nothing.
 * @param before milliseconds since the epoch
 * @returns the names of the partitions that were dropped
 * @throws UnavailableError where somebody reads the table for longer than 2 s: try again later
 */
export async function dropOldPartitions(db: Database, before: number, table: PartitionedTable): Promise<string[]> {
  const { name, timeColumn } = table;
  const month = monthOf(table, before, 0);
  const old = (await partitionsOf(db, name)).filter(
    (partition) => MONTH.test(partition) && partition < month.partition,
  );
  await withoutWaiting(db, table, async (transaction) => {
    for (const partition of old) await transaction.runScript(`drop table if exists ${partition}`);
  });
  for (const rest of (await partitionsOf(db, name)).filter((partition) => !MONTH.test(partition))) {
    await db.query(`delete from ${rest} where ${timeColumn} < $1`, [month.from]);
  }
  return old;
}

const MONTH = /^[a-z]+_\d{4}_\d{2}$/;

/** Changes a table's partitions while no other process does, and gives up where a reader is in the way for long. */
async function withoutWaiting<Result>(
  db: Database,
  { name }: PartitionedTable,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  try {
    return await db.transaction(async (transaction) => {
      await transaction.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await transaction.runScript(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return work(transaction);
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new UnavailableError(
      `The partitions of the table ${name} can not be changed while somebody reads it. Try again later.`,
      3600,
      { cause: error },
    );
  }
}
