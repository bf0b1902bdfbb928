import { consumeBarely } from '../bareConsumer';
import { copyBarely, readRows } from '../bareCopy';
import { writeBarely } from '../bareRedis';
import { generateEvents, publishEvents } from '../eventLoad';
import { printFigure, quantile } from '../figure';
import { openRealParts } from '../realParts';
import { applyStream, archiveStream, emptyArchive } from '../streamedRounds';

export const description =
  'feature and archive on a real Kafka, Redis and Postgres, beside a bare kafkajs consumer and COPY';

const DEFAULT_EVENTS = 100_000;
const DEFAULT_USERS = 5000;
const DEFAULT_LIST_EVERY = 2;
/** The contenders take turns, so that a busy machine slows all alike. */
const ROUNDS = 3;
/** As many as most of Attune's consumers get in one batch at most, and as many as the archive gets. */
const [SMALL_BATCH, ARCHIVE_BATCH] = [500, 5000];

/**
 * @param args how many events to stream, of how many users, and how many of them have one that names a recommended list, where
 * these are not the default numbers
 */
export async function run([events, users, listEvery]: readonly string[]): Promise<void> {
  const count = Number(events ?? DEFAULT_EVENTS);
  const known = Number(users ?? DEFAULT_USERS);
  const every = Number(listEvery ?? DEFAULT_LIST_EVERY);
  const parts = await openRealParts();
  try {
    const generated = generateEvents(count, known, every);
    await publishEvents(parts.bus, generated);
    // What warms everything up fills the archive, from which COPY's rows are taken.
    await consumeBarely(parts, count);
    await applyStream(parts, count, { known });
    await archiveStream(parts, count);
    const rows = await readRows(parts.databaseUrl);
    const copy = async (batchSize: number, ids = false) => {
      await emptyArchive(parts);
      return copyBarely(parts.databaseUrl, rows, { batchSize, ids });
    };
    const contenders = {
      bare: () => consumeBarely(parts, count),
      feature: () => applyStream(parts, count, { known }),
      featureNewUsers: () => applyStream(parts, count, { known: 0 }),
      bareRedis: () => writeBarely(parts, generated),
      archive: () => archiveStream(parts, count),
      copySmallBatches: () => copy(SMALL_BATCH),
      copyBatches: () => copy(ARCHIVE_BATCH),
      copyWhole: () => copy(count),
      copyWithIds: () => copy(ARCHIVE_BATCH, true),
    };
    const seconds = new Map<keyof typeof contenders, number[]>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of Object.keys(contenders) as (keyof typeof contenders)[]) {
        seconds.set(name, [...(seconds.get(name) ?? []), await contenders[name]()]);
      }
    }
    const rate = (name: keyof typeof contenders) => count / quantile(seconds.get(name)!, 0.5);
    const lists = every > 0 ? `a list named by one in ${every}` : 'no list named';
    const unit = `events/s (${count} events of ${known} users, ${lists}, median of ${ROUNDS} rounds)`;
    const consumer = { peer: 'bare kafkajs consumer that parses', peerValue: rate('bare') };
    printFigure({ name: 'feature', value: rate('feature'), unit, ...consumer });
    printFigure({ name: 'feature_new_users', value: rate('featureNewUsers'), unit, ...consumer });
    const writes = { peer: 'the same writes to Redis as bare pipelined commands', peerValue: rate('bareRedis') };
    printFigure({ name: 'feature', value: rate('feature'), unit, ...writes });
    printFigure({ name: 'archive', value: rate('archive'), unit, ...consumer });
    for (const [peer, name] of [
      [`COPY of the same rows, ${SMALL_BATCH} at a time`, 'copySmallBatches'],
      [`COPY of the same rows, ${ARCHIVE_BATCH} at a time`, 'copyBatches'],
      ['one COPY of the same rows', 'copyWhole'],
      [`COPY of the same rows and of their event ids, ${ARCHIVE_BATCH} at a time`, 'copyWithIds'],
    ] as const) {
      printFigure({ name: 'archive', value: rate('archive'), unit, peer, peerValue: rate(name) });
    }
  } finally {
    await parts.close();
  }
}
