import type { Queryable } from '@attune/database';
import { type QueueName, SCHEMA } from './queues';

/**
 * pg-boss calls a job timed out where `started_on` lies longer ago than `expire_in`. Here `started_on` is the worker's
 * latest sign of life, so that the same rule finds the jobs of dead workers, however long a job takes. These statements
 * are all that reach into pg-boss's table.
 */

/** A job as a worker holds it. `attempts` before this one tell it from the same job in a later worker's hands. */
export interface HeldRow {
  queue: QueueName;
  id: string;
  attempts: number;
}

const HELD = `name = $1 and id = $2::uuid and retry_count = $3 and state = 'active'`;

/** Writes a sign of life. @returns whether the job is still this worker's */
export async function renewLease(db: Queryable, { queue, id, attempts }: HeldRow): Promise<boolean> {
  const rows = await db.query(`update ${SCHEMA}.job set started_on = now() where ${HELD} returning id`, [
    queue,
    id,
    attempts,
  ]);
  return rows.length > 0;
}

/** Gives a job back untouched: the next worker's attempt is the same one again. */
export async function releaseLease(db: Queryable, { queue, id, attempts }: HeldRow): Promise<void> {
  await db.query(
    `update ${SCHEMA}.job set state = 'retry', started_on = null, start_after = now() - interval '1 s' where ${HELD}`,
    [queue, id, attempts],
  );
}

/** Ends every lease at once. Only for a process that knows that no other works on the database. */
export async function endAllLeases(db: Queryable): Promise<void> {
  await db.query(`update ${SCHEMA}.job set started_on = 'epoch' where state = 'active'`);
}

/** How many jobs of a queue are in which state. */
export interface QueueState {
  queue: QueueName;
  /** All that wait, and those of them whose time has come. */
  waiting: number;
  due: number;
  /** Held by a worker, and those of them whose worker fell silent. */
  held: number;
  lapsed: number;
  /** Tried as often as they may be. */
  failed: number;
}

/** Queues without a job are left out. */
export function readQueueStates(db: Queryable): Promise<QueueState[]> {
  return db.query<QueueState>(
    `select name as queue,
       count(*) filter (where state < 'active') as waiting,
       count(*) filter (where state < 'active' and start_after < now()) as due,
       count(*) filter (where state = 'active') as held,
       count(*) filter (where state = 'active' and started_on + expire_in < now()) as lapsed,
       count(*) filter (where state = 'failed') as failed
     from ${SCHEMA}.job
     where state in ('created', 'retry', 'active', 'failed')
     group by name`,
  );
}

/** Jobs that were tried as often as they may be, and what the last attempt threw, if it could say so. */
export function readFailedJobs(
  db: Queryable,
  queue: QueueName,
): Promise<{ id: string; arn: string; reason: string | null }[]> {
  return db.query(
    `select id, data ->> 'arn' as arn, output ->> 'message' as reason
     from ${SCHEMA}.job where name = $1 and state = 'failed'`,
    [queue],
  );
}
