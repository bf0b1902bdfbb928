import { type DatasetGroupName, ResourceAlreadyExistsError, type TrackingId } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';

export interface EventTracker {
  trackingId: TrackingId;
  /** Unique on a server; its ARN follows from it. */
  name: string;
  datasetGroup: DatasetGroupName;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = `select tracking_id as "trackingId", name, dataset_group as "datasetGroup", created_ms as "createdAt",
  updated_ms as "updatedAt" from event_tracker`;

/** @throws ResourceAlreadyExistsError */
export async function createEventTracker(db: Queryable, tracker: Omit<EventTracker, 'updatedAt'>): Promise<void> {
  const created = await db.query(
    `insert into event_tracker (tracking_id, name, dataset_group, created_ms, updated_ms) values ($1, $2, $3, $4, $4)
     on conflict do nothing returning tracking_id`,
    [tracker.trackingId, tracker.name, tracker.datasetGroup, tracker.createdAt],
  );
  if (created.length === 0)
    throw new ResourceAlreadyExistsError(`There is an event tracker "${tracker.name}" already.`);
}

export async function findEventTracker(db: Queryable, trackingId: TrackingId): Promise<EventTracker | undefined> {
  return (await db.query<EventTracker>(`${SELECT} where tracking_id = $1`, [trackingId]))[0];
}

export async function findEventTrackerByName(db: Queryable, name: string): Promise<EventTracker | undefined> {
  return (await db.query<EventTracker>(`${SELECT} where name = $1`, [name]))[0];
}

/** The event trackers of a dataset group, in order of their creation. */
export function listEventTrackers(db: Queryable, datasetGroup: DatasetGroupName): Promise<EventTracker[]> {
  return db.query<EventTracker>(`${SELECT} where dataset_group = $1 order by created_ms, name`, [datasetGroup]);
}

/** A page of all event trackers, or of those of one dataset group, in order of their creation. Pages are keyed by name. */
export function pageOfEventTrackers(
  db: Queryable,
  datasetGroup: DatasetGroupName | undefined,
  page: Page,
): Promise<EventTracker[]> {
  const { sql, parameters } = pageClause({ dataset_group: datasetGroup }, page, 'name');
  return db.query<EventTracker>(`${SELECT} ${sql}`, parameters);
}

export async function deleteEventTracker(db: Queryable, name: string): Promise<void> {
  await db.query('delete from event_tracker where name = $1', [name]);
}
