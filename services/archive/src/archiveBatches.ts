import type { Batch } from '@attune/bus';
import {
  archiveInteractions,
  archiveNewInteractions,
  archiveSlates,
  type Database,
  RepeatedEventError,
} from '@attune/database';
import type { Interaction, Slate } from '@attune/domain';
import { storeUnread } from './unreadMessages';

/** What became of the messages of a batch. */
export interface BatchOutcome {
  archived: number;
  /** Passed over, because one with the same id was archived before. */
  repeated: number;
}

const NOTHING: BatchOutcome = { archived: 0, repeated: 0 };

/**
 * Archives batches of events, each event once.
 *
 * Few events are sent twice, so a batch is taken to be new at first, and archived a second time, the slower way, where it is
 * not. Repeats come in runs, when a client goes through a file again: after a batch with some, the next goes the slower way at
 * once.
 */
export function batchArchiver(database: Database): (batch: Batch<Interaction>) => Promise<BatchOutcome> {
  let expectsRepeats = false;
  const archiveBy = async (archive: typeof archiveInteractions, batch: Batch<Interaction>) => {
    const outcome = await storeUnread(database, batch, async (transaction, unread) => {
      const { partition } = batch;
      const events = unread.map(({ value, offset }) => ({ event: value, partition, offset }));
      const archived = await archive(transaction, events);
      return { archived, repeated: events.length - archived };
    });
    return outcome ?? NOTHING;
  };
  const archiveOnce = async (batch: Batch<Interaction>) => {
    if (expectsRepeats) return archiveBy(archiveInteractions, batch);
    try {
      return await archiveBy(archiveNewInteractions, batch);
    } catch (error) {
      if (!(error instanceof RepeatedEventError)) throw error;
      return archiveBy(archiveInteractions, batch);
    }
  };
  return async (batch) => {
    const outcome = await archiveOnce(batch);
    expectsRepeats = outcome.repeated > 0;
    return outcome;
  };
}

/** Archives a batch of served lists, each list once. */
export async function archiveSlateBatch(database: Database, batch: Batch<Slate>): Promise<BatchOutcome> {
  const outcome = await storeUnread(database, batch, async (transaction, unread) => {
    const archived = await archiveSlates(
      transaction,
      unread.map(({ value }) => value),
    );
    return { archived, repeated: unread.length - archived };
  });
  return outcome ?? NOTHING;
}
