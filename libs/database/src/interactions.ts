import type {
  DatasetGroupName,
  EventId,
  Interaction,
  ItemId,
  PropertyValue,
  RecommendationId,
  UserId,
} from '@attune/domain';
import { historyKey } from '@attune/domain';
import type { BulkColumn } from './bulkInsert';
import type { Database, Queryable } from './database';
import { claimEventIds, firstOfEachId, insertEventIds } from './eventIds';
import { fromRow, type NullableRow } from './rows';

/** An event with its place on the bus. */
export interface StreamedInteraction {
  event: Interaction;
  partition: number;
  offset: number;
}

/** An interaction of a CSV file. It has no event id: importing it twice stores it twice. */
export interface ImportedInteraction {
  userId: UserId;
  itemId: ItemId;
  eventType: string;
  eventValue?: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  recommendationId?: RecommendationId;
  impression?: readonly ItemId[];
  properties?: Readonly<Record<string, PropertyValue>>;
}

/** An interaction of one user's history. */
export interface HistoryInteraction {
  /** Absent for imported interactions. */
  eventId?: EventId;
  eventType: string;
  eventValue?: number;
  itemId?: ItemId;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** Where the event lies on the bus. Absent for imported interactions. */
  offset?: number;
  recommendationId?: RecommendationId;
  properties?: Readonly<Record<string, PropertyValue>>;
}

/** What training sees of an interaction. */
export interface TrainingInteraction {
  historyKey: UserId;
  itemId: ItemId;
  eventType: string;
  eventValue?: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  properties?: Readonly<Record<string, PropertyValue>>;
}

/** What a dataset group's users did with one item. */
export interface ArchivedItemCounts {
  itemId: ItemId;
  interactions: number;
  /** Sum over the interactions of 2 ** ((timestamp - landmark) / half-life). */
  popularity: number;
  /** How many lists that were reported as seen had the item. */
  impressions: number;
  /** The same sum over the impressions, each at the time of its list's first report. */
  impressionWeight: number;
  /** The same sum over the impressions that led to an event about the item. */
  clickWeight: number;
  /** In milliseconds since the epoch. Absent where the item was only seen. */
  firstInteraction?: number;
  lastInteraction?: number;
}

/** Rows per insert: bounds the memory of its arrays. */
const CHUNK = 10_000;

type StoredInteraction = ImportedInteraction & { datasetGroup: DatasetGroupName };

const SHARED_COLUMNS: readonly BulkColumn<Interaction | StoredInteraction>[] = [
  { name: 'dataset_group', type: 'text', of: (row) => row.datasetGroup },
  { name: 'user_id', type: 'text', of: (row) => row.userId },
  { name: 'item_id', type: 'text', of: (row) => row.itemId },
  { name: 'event_type', type: 'text', of: (row) => row.eventType },
  { name: 'event_value', type: 'double precision', of: (row) => row.eventValue },
  { name: 'timestamp_ms', type: 'bigint', of: (row) => row.timestamp },
  { name: 'recommendation_id', type: 'text', of: (row) => row.recommendationId },
  { name: 'impression', type: 'text[]', of: (row) => row.impression },
  { name: 'properties', type: 'jsonb', of: (row) => row.properties },
];

const IMPORTED_COLUMNS: readonly BulkColumn<StoredInteraction>[] = [
  ...SHARED_COLUMNS,
  { name: 'history_key', type: 'text', of: (row) => row.userId },
];

const EVENT_COLUMNS: readonly BulkColumn<Interaction>[] = [
  ...SHARED_COLUMNS,
  { name: 'history_key', type: 'text', of: historyKey },
  { name: 'event_id', type: 'text', of: (row) => row.eventId },
  { name: 'session_id', type: 'text', of: (row) => row.sessionId },
  { name: 'received_ms', type: 'bigint', of: (row) => row.receivedAt },
];

const STREAMED_COLUMNS: readonly BulkColumn<StreamedInteraction>[] = [
  ...EVENT_COLUMNS.map(({ name, type, of }) => ({ name, type, of: (row: StreamedInteraction) => of(row.event) })),
  { name: 'bus_partition', type: 'integer', of: (row) => row.partition },
  { name: 'bus_offset', type: 'bigint', of: (row) => row.offset },
];

/**
 * Stores events, each event id of a dataset group once. Run it in a transaction: the ids are kept in a table of their own.
 * @returns how many were new
 */
export async function archiveInteractions(db: Queryable, events: readonly StreamedInteraction[]): Promise<number> {
  const firsts = firstOfEachId(events);
  const isNew = await claimEventIds(db, firsts.ids);
  const inserted = firsts.events.filter(({ event }) => isNew(event));
  if (inserted.length > 0) await db.insertRows('interaction', STREAMED_COLUMNS, inserted);
  return inserted.length;
}

/**
 * Does the same in two thirds of the time, for events none of which is expected to be in the archive. Run it in a transaction.
 * @returns how many there were: of those with the same id, the first counts
 * @throws RepeatedEventError where one is in the archive already. Then roll back, and call archiveInteractions.
 */
export async function archiveNewInteractions(db: Queryable, events: readonly StreamedInteraction[]): Promise<number> {
  const firsts = firstOfEachId(events);
  await insertEventIds(db, firsts.ids);
  await db.insertRows('interaction', STREAMED_COLUMNS, firsts.events);
  return firsts.events.length;
}

/** Stores imported interactions in their order. Run it in a transaction, so that nothing half-imported stays. */
export async function importInteractions(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  interactions: readonly ImportedInteraction[],
): Promise<void> {
  for (let start = 0; start < interactions.length; start += CHUNK) {
    const chunk = interactions.slice(start, start + CHUNK).map((interaction) => ({ ...interaction, datasetGroup }));
    await db.insertRows('interaction', IMPORTED_COLUMNS, chunk);
  }
}

/**
 * The latest interactions of one user, oldest first; ties in time keep the order in which they were stored.
 * @param before milliseconds since the epoch: what happened or came in then or later is left out
 */
export async function readHistory(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  key: UserId,
  limit: number,
  before?: number,
): Promise<HistoryInteraction[]> {
  const latestFirst = await db.query<NullableRow<HistoryInteraction>>(
    `select event_id as "eventId", event_type as "eventType", event_value as "eventValue", item_id as "itemId",
       timestamp_ms as timestamp, bus_offset as offset, recommendation_id as "recommendationId", properties
     from interaction
     where dataset_group = $1 and history_key = $2${
       before === undefined ? '' : ' and timestamp_ms < $4 and (received_ms is null or received_ms < $4)'
     }
     order by timestamp_ms desc, id desc
     limit $3`,
    [datasetGroup, key, limit, ...(before === undefined ? [] : [before])],
  );
  return latestFirst.reverse().map((row) => fromRow<HistoryInteraction>(row));
}

/**
 * Counts per item over the whole archive of a dataset group, in order of item ids.
 *
 * A list counts once, however often it is reported. It is known by its recommendation id, else by whom it was shown to in
 * which session, or in imported data at which time, and by its items. Its items are those that events list, else those that
 * were served.
 */
export async function itemCounts(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  weight: { landmark: number; halfLife: number },
): Promise<ArchivedItemCounts[]> {
  const rows = await db.query<NullableRow<ArchivedItemCounts>>(
    `with acted as (
       select item_id, count(*) as interactions,
         sum(power(2::float8, (timestamp_ms - $2::bigint) / $3::float8)) as popularity,
         min(timestamp_ms) as first, max(timestamp_ms) as last
       from interaction
       where dataset_group = $1 and item_id is not null
       group by item_id
     ), report as (
       select id, item_id, timestamp_ms, impression, recommendation_id,
         coalesce('by id ' || recommendation_id, concat_ws(e'\n', history_key,
           coalesce(session_id, timestamp_ms::text),
           (select string_agg(distinct shown, e'\n' order by shown) from unnest(impression) as shown))) as list
       from interaction
       where dataset_group = $1 and (impression is not null or recommendation_id is not null)
     ), list as (
       select list, power(2::float8, ((array_agg(timestamp_ms order by id))[1] - $2::bigint) / $3::float8) as weight
       from report group by list
     ), listed as (
       select distinct list, one.item_id from report, unnest(impression) as one (item_id)
     ), served as (
       select distinct list, served_slot.item_id
       from (select distinct list, recommendation_id from report) as named join served_slot using (recommendation_id)
       where served_slot.dataset_group = $1 and not exists (select from listed where listed.list = named.list)
     ), shown as (
       select * from listed union all select * from served
     ), shown_and_clicked as (
       select shown.item_id, weight, clicked.item_id is not null as is_clicked
       from shown join list using (list) left join (select distinct list, item_id from report) as clicked
         on clicked.list = shown.list and clicked.item_id = shown.item_id
     ), seen as (
       select item_id, count(*) as impressions, sum(weight) as impression_weight,
         coalesce(sum(weight) filter (where is_clicked), 0) as click_weight
       from shown_and_clicked group by item_id
     )
     select item_id as "itemId", coalesce(interactions, 0) as interactions, coalesce(popularity, 0) as popularity,
       coalesce(impressions, 0) as impressions, coalesce(impression_weight, 0) as "impressionWeight",
       coalesce(click_weight, 0) as "clickWeight", first as "firstInteraction", last as "lastInteraction"
     from acted full join seen using (item_id)
     order by item_id`,
    [datasetGroup, weight.landmark, weight.halfLife],
  );
  return rows.map((row) => fromRow<ArchivedItemCounts>(row));
}

/** All interactions with items, in order of time; ties keep the order in which they were stored. */
export async function* streamInteractions(
  db: Database,
  datasetGroup: DatasetGroupName,
  batchSize = CHUNK,
): AsyncGenerator<TrainingInteraction[]> {
  const batches = db.stream<NullableRow<TrainingInteraction>>(
    `select history_key as "historyKey", item_id as "itemId", event_type as "eventType", event_value as "eventValue",
       timestamp_ms as timestamp, properties
     from interaction
     where dataset_group = $1 and item_id is not null
     order by timestamp_ms, id`,
    [datasetGroup],
    batchSize,
  );
  for await (const rows of batches) yield rows.map((row) => fromRow<TrainingInteraction>(row));
}
