import type { DatasetGroupName, TrackingId } from '@attune/domain';
import { LRUCache } from 'lru-cache';

/** Finds the dataset group that a tracking id names; undefined where it names none. */
export type FindDatasetGroup = (trackingId: TrackingId) => Promise<DatasetGroupName | undefined>;

/** A tracker that was deleted is refused within a minute. */
const FOUND_TTL_MS = 60_000;

/** A tracker that was just created works within a second, and a client with a wrong id asks the database once a second. */
const UNKNOWN_TTL_MS = 1_000;

const MAX_TRACKERS = 10_000;

/**
 * Remembers look-ups, so that the database is out of the event path. Look-ups of one id at one time are made once.
 * @param now milliseconds since any origin
 */
export function rememberDatasetGroups(find: FindDatasetGroup, now: () => number): FindDatasetGroup {
  const found = new LRUCache<TrackingId, Promise<DatasetGroupName | undefined>>({
    max: MAX_TRACKERS,
    ttl: FOUND_TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });
  return (trackingId) => {
    const known = found.get(trackingId);
    if (known) return known;
    const lookup = find(trackingId);
    found.set(trackingId, lookup);
    lookup.then(
      (datasetGroup) => {
        if (datasetGroup === undefined) found.set(trackingId, lookup, { ttl: UNKNOWN_TTL_MS });
      },
      () => found.delete(trackingId),
    );
    return lookup;
  };
}
