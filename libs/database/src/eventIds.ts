import type { Interaction } from '@attune/domain';
import type { Queryable } from './database';

type EventName = Pick<Interaction, 'datasetGroup' | 'eventId'>;

/**
 * Notes the ids of events that are about to be stored. A transaction that notes the same id at the same time waits for
 * this one's end; they are noted in order, so that no two transactions wait for each other.
 *
 * They have a table of their own, because a unique index on the interactions would have to include their time, by which
 * they are partitioned; and a repeated event may bring another time.
 * @returns tells of each event whether its id was not there before; of those with the same id, only of the first
 */
export async function claimEventIds<Event extends EventName>(
  db: Queryable,
  events: readonly Event[],
): Promise<(event: Event) => boolean> {
  const first = new Map<string, Event>();
  for (const event of events) if (!first.has(nameOf(event))) first.set(nameOf(event), event);
  const distinct = [...first.values()];
  const claimed = await db.query<EventName>(
    `insert into interaction_event_id (dataset_group, event_id)
     select dataset_group, event_id from unnest($1::text[], $2::text[]) as given (dataset_group, event_id)
     order by dataset_group, event_id
     on conflict do nothing
     returning dataset_group as "datasetGroup", event_id as "eventId"`,
    [distinct.map((event) => event.datasetGroup), distinct.map((event) => event.eventId)],
  );
  const fresh = new Set(claimed.map((name) => first.get(nameOf(name))));
  return (event) => fresh.has(event);
}

function nameOf({ datasetGroup, eventId }: EventName): string {
  return `${datasetGroup}\n${eventId}`;
}
