import { randomUUID } from 'node:crypto';
import { createDatasetGroup, createEventTracker, findDatasetGroup, listEventTrackers } from '@attune/database';
import type { DatasetGroupName, TrackingId } from '@attune/domain';
import { trackingId } from '@attune/domain';
import type { ControlParts } from './controlParts';

/** Makes sure that there is a dataset group of this name. */
export async function ensureDatasetGroup({ database, now }: ControlParts, name: DatasetGroupName): Promise<void> {
  if (await findDatasetGroup(database, name)) return;
  await createDatasetGroup(database, { name, createdAt: now() });
}

/** The tracking id of the dataset group's first event tracker, which is made where there is none. */
export async function ensureEventTracker(
  { database, now }: ControlParts,
  datasetGroup: DatasetGroupName,
): Promise<TrackingId> {
  const [tracker] = await listEventTrackers(database, datasetGroup);
  if (tracker) return tracker.trackingId;
  const id = trackingId(randomUUID());
  await createEventTracker(database, { trackingId: id, name: datasetGroup, datasetGroup, createdAt: now() });
  return id;
}
