import type { DatasetGroupName } from '@attune/domain';
import type { Database } from './database';
import type { DatasetKind } from './datasets';
import type { JsonObject } from './rows';

/** How rows came: by an import, one by one over the API, or either way. */
export type IngestionMode = 'BULK' | 'PUT' | 'ALL';

/** A row of a dataset, as an export writes it. What is absent is null. */
export interface ExportedRow {
  userId: string | null;
  itemId: string | null;
  /** Milliseconds since the epoch: of the interaction, or of the item's creation. */
  timestamp: number | null;
  eventType: string | null;
  eventValue: number | null;
  recommendationId: string | null;
  impression: readonly string[] | null;
  /** Metadata columns by name; of interactions, in camelCase. */
  metadata: JsonObject | null;
}

/** Reads a dataset whole: interactions in order of time, items and users in order of their ids. */
export function streamDataset(
  db: Database,
  kind: DatasetKind,
  datasetGroup: DatasetGroupName,
  mode: IngestionMode,
  batchSize = 10_000,
): AsyncIterable<ExportedRow[]> {
  return db.stream<ExportedRow>(
    `${SELECTS[kind]} where dataset_group = $1 ${mode === 'ALL' ? '' : `and ${BY_PUT[kind]} = $2`} ${ORDERS[kind]}`,
    mode === 'ALL' ? [datasetGroup] : [datasetGroup, mode === 'PUT'],
    batchSize,
  );
}

const NO_INTERACTION = `null as "eventType", null::float8 as "eventValue", null as "recommendationId",
  null::text[] as impression, metadata`;

const SELECTS: Readonly<Record<DatasetKind, string>> = {
  interactions: `select user_id as "userId", item_id as "itemId", timestamp_ms as timestamp, event_type as "eventType",
    event_value as "eventValue", recommendation_id as "recommendationId", impression, properties as metadata
    from interaction`,
  items: `select null as "userId", item_id as "itemId", creation_ms as timestamp, ${NO_INTERACTION} from item`,
  users: `select user_id as "userId", null as "itemId", null::bigint as timestamp, ${NO_INTERACTION} from user_profile`,
};

const BY_PUT: Readonly<Record<DatasetKind, string>> = {
  interactions: '(event_id is not null)',
  items: 'put',
  users: 'put',
};

const ORDERS: Readonly<Record<DatasetKind, string>> = {
  interactions: 'order by timestamp_ms, id',
  items: 'order by item_id',
  users: 'order by user_id',
};
