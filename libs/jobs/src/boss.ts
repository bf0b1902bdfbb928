import type { Database, Queryable } from '@attune/database';
import PgBoss from 'pg-boss';
import { SCHEMA } from './queues';

const HOUR_S = 3600;
const YEAR_S = 365 * 24 * HOUR_S;

/**
 * pg-boss on one of our databases. It keeps the jobs, hands each to one worker and counts attempts; what has a timer
 * there (polling, maintenance, schedules) is off, because its workers can't keep a job for longer than was said
 * beforehand, and a training takes as long as it takes.
 */
export function createBoss(database: Database, options: { migrate: boolean }): PgBoss {
  return new PgBoss({
    db: bossDatabase(database),
    schema: SCHEMA,
    migrate: options.migrate,
    supervise: false,
    schedule: false,
    archiveCompletedAfterSeconds: HOUR_S,
    // They stay until a worker has told their resource that they failed.
    archiveFailedAfterSeconds: 10 * YEAR_S,
    deleteAfterDays: 7,
  });
}

/** A script of pg-boss's is a transaction of its own making. */
const SCRIPT = /^\s*BEGIN;(.*)COMMIT;\s*$/s;

/**
 * A database as pg-boss wants it. Its scripts run in a transaction of ours: where one fails, the connection comes back to
 * the pool clean. No script's rows are read.
 */
export function bossDatabase(database: Database): PgBoss.Db {
  return {
    executeSql: async (sql, values) => {
      const script = SCRIPT.exec(sql)?.[1];
      if (script === undefined) return { rows: await database.query(sql, values) };
      await database.transaction((transaction) => transaction.runScript(script));
      return { rows: [] };
    },
  };
}

/** The same for single statements of a transaction in hand. */
export function bossTransaction(transaction: Queryable): PgBoss.Db {
  return { executeSql: async (sql, values) => ({ rows: await transaction.query(sql, values) }) };
}
