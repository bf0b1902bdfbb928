import type { DatasetGroupName, TrackingId } from '@attune/domain';
import type { Logger } from '@attune/service';
import { LRUCache } from 'lru-cache';

/** Finds the dataset group that a tracking id names; undefined where it names none. */
export type FindDatasetGroup = (trackingId: TrackingId) => Promise<DatasetGroupName | undefined>;

/** A tracker that was deleted is refused a minute and one call later. */
const FOUND_TTL_MS = 60_000;

/** A tracker that was just created works within a second, and a client with a wrong id asks the database once a second. */
const UNKNOWN_TTL_MS = 1_000;

/** While the database is away, each tracker asks for it once a second. */
const RETRY_MS = 1_000;

const MAX_TRACKERS = 10_000;

interface Known {
  datasetGroup: DatasetGroupName | undefined;
  /** From when on the database is asked again. */
  askAt: number;
}

export interface RememberOptions {
  /** Milliseconds since any origin. */
  now: () => number;
  logger: Logger;
}

/**
 * Remembers look-ups, so that the database is out of the event path: a tracker that was found once works on while the
 * database is away. Look-ups of one id at one time are made once.
 */
export function rememberDatasetGroups(find: FindDatasetGroup, { now, logger }: RememberOptions): FindDatasetGroup {
  const known = new LRUCache<TrackingId, Known>({ max: MAX_TRACKERS });
  const inHand = new Map<TrackingId, ReturnType<FindDatasetGroup>>();

  const lookUp = async (trackingId: TrackingId) => {
    const datasetGroup = await find(trackingId);
    const ttl = datasetGroup === undefined ? UNKNOWN_TTL_MS : FOUND_TTL_MS;
    known.set(trackingId, { datasetGroup, askAt: now() + ttl });
    return datasetGroup;
  };
  const lookUpOnce: FindDatasetGroup = (trackingId) => {
    const lookup = inHand.get(trackingId) ?? lookUp(trackingId).finally(() => inHand.delete(trackingId));
    inHand.set(trackingId, lookup);
    return lookup;
  };

  return async (trackingId) => {
    const entry = known.get(trackingId);
    if (entry && now() < entry.askAt) return entry.datasetGroup;
    if (entry?.datasetGroup === undefined) return lookUpOnce(trackingId);
    entry.askAt = now() + RETRY_MS;
    lookUpOnce(trackingId).catch((error: unknown) => {
      logger.warn({ err: error, datasetGroup: entry.datasetGroup }, 'an event tracker works on without a look-up');
    });
    return entry.datasetGroup;
  };
}
