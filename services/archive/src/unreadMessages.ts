import type { Batch, Message } from '@attune/bus';
import { advanceArchivePositions, type Database, type Queryable, readArchivePositions } from '@attune/database';

/**
 * Stores what a batch brings beyond the archive's position, and moves the position behind it, in one transaction: so neither
 * a crash nor a rebalance loses a message or stores it twice.
 * @returns what storing returned; undefined where the batch brings nothing new
 */
export function storeUnread<Value, Result>(
  database: Database,
  { topic, partition, messages }: Batch<Value>,
  store: (transaction: Queryable, unread: readonly Message<Value>[]) => Promise<Result>,
): Promise<Result | undefined> {
  return database.transaction(async (transaction) => {
    const position = (await readArchivePositions(transaction, topic)).get(partition) ?? 0;
    const unread = messages.filter(({ offset }) => offset >= position);
    const last = unread.at(-1);
    if (!last) return undefined;
    const result = await store(transaction, unread);
    await advanceArchivePositions(transaction, topic, new Map([[partition, last.offset + 1]]));
    return result;
  });
}
