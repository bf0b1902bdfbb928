import { type PutEventsRequest, parseShape, ShapeError } from '@attune/aws';
import { type Caller, type Interaction, requireDatasetGroup, requirePlane, trackingId } from '@attune/domain';
import type { z } from 'zod';
import type { FindDatasetGroup } from './eventTrackers';
import { toInteractions } from './interactions';
import { checkSentAt } from './sentAt';

/** How a surface spells a request. Every surface's reads as the same thing, so all checks are made in one place. */
export type RequestShape = z.ZodType<PutEventsRequest>;

/**
 * Checks the events of one call, all of them or none, and gives the interactions they become. Every way in leads through
 * here: HTTP, gRPC and the clickstream topic.
 * @param newEventId a unique id for an event that came without one
 * @throws ShapeError that names the members that are wrong
 * @throws AccessDeniedError where the caller may not send events to the tracker's dataset group
 * @throws UnavailableError where an unknown tracking id can't be looked up
 */
export type ReadEvents = (
  request: unknown,
  shape: RequestShape,
  caller: Caller,
  newEventId: () => string,
) => Promise<Interaction[]>;

export interface ReadEventsParts {
  findDatasetGroup: FindDatasetGroup;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createReadEvents({ findDatasetGroup, now }: ReadEventsParts): ReadEvents {
  return async (given, shape, caller, newEventId) => {
    requirePlane(caller, 'data');
    const request = parseShape(shape, given);
    const receivedAt = now();
    checkSentAt(request, receivedAt);
    const datasetGroup = await findDatasetGroup(trackingId(request.trackingId));
    if (datasetGroup === undefined) throw unknownTracker(request.trackingId);
    requireDatasetGroup(caller, datasetGroup);
    return toInteractions(request, { datasetGroup, receivedAt, newEventId });
  };
}

/** PutEvents has no other error than InvalidInput, for an unknown tracking id too. */
function unknownTracker(given: string): ShapeError {
  return new ShapeError([
    { path: ['trackingId'], given, constraint: 'Member must be the tracking id of an event tracker' },
  ]);
}
