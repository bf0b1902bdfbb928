import type { Batch } from '@attune/bus';
import {
  advanceArchivePositions,
  archiveInteractions,
  archiveNewInteractions,
  type Database,
  RepeatedEventError,
  readArchivePositions,
} from '@attune/database';
import type { Interaction } from '@attune/domain';

/** What became of the events of a batch. */
export interface BatchOutcome {
  archived: number;
  /** Passed over, because an event with the same id was archived before. */
  repeated: number;
}

/**
 * Archives batches, each event once: the interactions and the position after them are committed together, and what lies before
 * the position is passed over.
 *
 * Few events are sent twice, so a batch is taken to be new at first, and archived a second time, the slower way, where it is
 * not. Repeats come in runs, when a client goes through a file again: after a batch with some, the next goes the slower way at
 * once.
 */
export function batchArchiver(database: Database): (batch: Batch<Interaction>) => Promise<BatchOutcome> {
  let expectsRepeats = false;
  const archiveBy = (archive: typeof archiveInteractions, { topic, partition, messages }: Batch<Interaction>) =>
    database.transaction(async (transaction) => {
      const position = (await readArchivePositions(transaction, topic)).get(partition) ?? 0;
      const unread = messages
        .filter(({ offset }) => offset >= position)
        .map(({ value, offset }) => ({ event: value, partition, offset }));
      const last = unread.at(-1);
      if (!last) return { archived: 0, repeated: 0 };
      const archived = await archive(transaction, unread);
      await advanceArchivePositions(transaction, topic, new Map([[partition, last.offset + 1]]));
      return { archived, repeated: unread.length - archived };
    });
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
