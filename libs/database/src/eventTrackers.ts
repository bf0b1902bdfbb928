import { type DatasetGroupName, ResourceAlreadyExistsError, type TrackingId } from '@attune/domain';
import type { Queryable } from './database';

export interface EventTracker {
  trackingId: TrackingId;
  /** Unique on a server. */
  name: string;
  datasetGroup: DatasetGroupName;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const SELECT =
  'select tracking_id as "trackingId", name, dataset_group as "datasetGroup", created_ms as "createdAt" from event_tracker';

/** @throws ResourceAlreadyExistsError */
export async function createEventTracker(db: Queryable, tracker: EventTracker): Promise<void> {
  const created = await db.query(
    `insert into event_tracker (tracking_id, name, dataset_group, created_ms) values ($1, $2, $3, $4)
     on conflict do nothing returning tracking_id`,
    [tracker.trackingId, tracker.name, tracker.datasetGroup, tracker.createdAt],
  );
  if (created.length === 0)
    throw new ResourceAlreadyExistsError(`There is an event tracker "${tracker.name}" already.`);
}

export async function findEventTracker(db: Queryable, trackingId: TrackingId): Promise<EventTracker | undefined> {
  return (await db.query<EventTracker>(`${SELECT} where tracking_id = $1`, [trackingId]))[0];
}

/** The event trackers of a dataset group, in order of their creation. */
export function listEventTrackers(db: Queryable, datasetGroup: DatasetGroupName): Promise<EventTracker[]> {
  return db.query<EventTracker>(`${SELECT} where dataset_group = $1 order by created_ms, name`, [datasetGroup]);
}
