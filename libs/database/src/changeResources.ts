import type { Database, Queryable } from './database';

/** Any fixed number: changes of resources wait here for each other. */
const RESOURCES_LOCK = 7_310_465;

/**
 * Runs a change of the API's resources in a transaction, one change after the other over all processes: what it checked
 * (a name is free, nothing uses what goes, a limit is not reached) still holds when it is committed. Resources change
 * seldom; data, events and trainings take no part in this.
 */
export function changeResources<Result>(
  db: Database,
  change: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [RESOURCES_LOCK]);
    return change(transaction);
  });
}
