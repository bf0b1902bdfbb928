import type { DatasetGroupName, ItemId } from '@attune/domain';
import { type BulkColumn, bulkInsert } from './bulkInsert';
import type { Database, Queryable } from './database';
import { fromRow, type JsonObject, type NullableRow } from './rows';

export interface Item {
  itemId: ItemId;
  /** When the item came into the catalogue, in milliseconds since the epoch. */
  createdAt?: number;
  /** The further columns of the items data, by column name. */
  metadata: JsonObject;
}

const SELECT = 'select item_id as "itemId", creation_ms as "createdAt", metadata from item';

const CHUNK = 10_000;

/**
 * Stores items. One that is there already is replaced; of two with one id the later counts.
 * @param put whether PutItems brought them, and no import
 */
export async function upsertItems(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  items: readonly Item[],
  put = false,
): Promise<void> {
  const columns: readonly BulkColumn<Item>[] = [
    { name: 'dataset_group', type: 'text', of: () => datasetGroup },
    { name: 'item_id', type: 'text', of: (item) => item.itemId },
    { name: 'creation_ms', type: 'bigint', of: (item) => item.createdAt },
    { name: 'metadata', type: 'jsonb', of: (item) => item.metadata },
    { name: 'put', type: 'boolean', of: () => put },
  ];
  const distinct = [...new Map(items.map((item) => [item.itemId, item])).values()];
  for (let start = 0; start < distinct.length; start += CHUNK) {
    const insert = bulkInsert(
      'item',
      columns,
      distinct.slice(start, start + CHUNK),
      `on conflict (dataset_group, item_id) do update
       set creation_ms = excluded.creation_ms, metadata = excluded.metadata, put = excluded.put`,
    );
    await db.query(insert.sql, insert.parameters);
  }
}

export async function deleteItems(db: Queryable, datasetGroup: DatasetGroupName): Promise<void> {
  await db.query('delete from item where dataset_group = $1', [datasetGroup]);
}

/** Those of the items that are known, in order of their ids. */
export async function readItems(
  db: Queryable,
  datasetGroup: DatasetGroupName,
  itemIds: readonly ItemId[],
): Promise<Item[]> {
  const rows = await db.query<NullableRow<Item>>(
    `${SELECT} where dataset_group = $1 and item_id = any($2::text[]) order by item_id`,
    [datasetGroup, itemIds],
  );
  return rows.map((row) => fromRow<Item>(row));
}

/** The whole catalogue, in order of item ids. */
export async function* streamItems(
  db: Database,
  datasetGroup: DatasetGroupName,
  batchSize = CHUNK,
): AsyncGenerator<Item[]> {
  const batches = db.stream<NullableRow<Item>>(
    `${SELECT} where dataset_group = $1 order by item_id`,
    [datasetGroup],
    batchSize,
  );
  for await (const rows of batches) yield rows.map((row) => fromRow<Item>(row));
}
