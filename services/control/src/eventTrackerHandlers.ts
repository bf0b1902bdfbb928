import { randomUUID } from 'node:crypto';
import type { ControlHandlers, ControlResponse } from '@attune/aws';
import {
  changeResources,
  createEventTracker,
  deleteEventTracker,
  type EventTracker,
  listEventTrackers,
  pageOfEventTrackers,
  type Queryable,
  removeAllResourceTags,
} from '@attune/database';
import {
  type ArnScope,
  type DatasetGroupName,
  ResourceAlreadyExistsError,
  resourceArn,
  type TrackingId,
  trackingId,
} from '@attune/domain';
import type { ResourceParts } from './controlParts';
import { listPage } from './listPage';
import { requireDatasetGroup, requireEventTracker } from './requireResource';
import { tagResource } from './resourceTags';

type Operation = 'CreateEventTracker' | 'DescribeEventTracker' | 'ListEventTrackers' | 'DeleteEventTracker';

export function eventTrackerHandlers({ database, scope, now }: ResourceParts): Pick<ControlHandlers, Operation> {
  return {
    CreateEventTracker: async ({ name, datasetGroupArn, tags }) => {
      const arn = resourceArn(scope, 'event-tracker', name);
      const tracker = await changeResources(database, async (transaction) => {
        const { name: datasetGroup } = await requireDatasetGroup(transaction, scope, datasetGroupArn);
        const [present] = await listEventTrackers(transaction, datasetGroup);
        if (present) {
          throw new ResourceAlreadyExistsError(
            `Dataset group "${datasetGroup}" has the event tracker "${present.name}" already: one is all it may have.`,
          );
        }
        const created = await addEventTracker(transaction, { name, datasetGroup, createdAt: now() });
        await tagResource(transaction, arn, tags);
        return created;
      });
      return { eventTrackerArn: arn, trackingId: tracker };
    },

    DescribeEventTracker: async ({ eventTrackerArn }) => {
      const tracker = await requireEventTracker(database, scope, eventTrackerArn);
      return {
        eventTracker: {
          ...summary(scope, tracker),
          accountId: scope.accountId,
          trackingId: tracker.trackingId,
          datasetGroupArn: resourceArn(scope, 'dataset-group', tracker.datasetGroup),
        },
      };
    },

    ListEventTrackers: async (request) => {
      const { datasetGroupArn: within } = request;
      const group = within === undefined ? undefined : await requireDatasetGroup(database, scope, within);
      const { items, ...next } = await listPage({
        operation: 'ListEventTrackers',
        within,
        request,
        read: (page) => pageOfEventTrackers(database, group?.name, page),
        keyOf: ({ name, createdAt }) => ({ id: name, createdAt }),
      });
      return { eventTrackers: items.map((tracker) => summary(scope, tracker)), ...next };
    },

    DeleteEventTracker: async ({ eventTrackerArn }) => {
      await changeResources(database, async (transaction) => {
        const { name } = await requireEventTracker(transaction, scope, eventTrackerArn);
        await deleteEventTracker(transaction, name);
        await removeAllResourceTags(transaction, eventTrackerArn);
      });
      return {};
    },
  };
}

/** The tracking id of the dataset group's event tracker, which is made, with the group's name, where there is none. */
export function ensureEventTracker(
  { database, now }: ResourceParts,
  datasetGroup: DatasetGroupName,
): Promise<TrackingId> {
  return changeResources(database, async (transaction) => {
    const [present] = await listEventTrackers(transaction, datasetGroup);
    if (present) return present.trackingId;
    return addEventTracker(transaction, { name: datasetGroup, datasetGroup, createdAt: now() });
  });
}

async function addEventTracker(
  db: Queryable,
  tracker: Pick<EventTracker, 'name' | 'datasetGroup' | 'createdAt'>,
): Promise<TrackingId> {
  const id = trackingId(randomUUID());
  await createEventTracker(db, { ...tracker, trackingId: id });
  return id;
}

type Summary = NonNullable<ControlResponse<'ListEventTrackers'>['eventTrackers']>[number];

function summary(scope: ArnScope, { name, createdAt, updatedAt }: EventTracker): Summary {
  return {
    name,
    eventTrackerArn: resourceArn(scope, 'event-tracker', name),
    status: 'ACTIVE',
    creationDateTime: createdAt,
    lastUpdatedDateTime: updatedAt,
  };
}
