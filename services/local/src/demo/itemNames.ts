import type { Database, JsonObject } from '@attune/database';
import { streamItems } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';

/** Columns that commonly hold what people call an item, best first. */
const NAME_COLUMNS = ['TITLE', 'NAME', 'PRODUCT_NAME', 'ITEM_NAME', 'DESCRIPTION'];
const KIND_COLUMNS = ['GENRES', 'GENRE', 'CATEGORY', 'CATEGORIES', 'CATEGORY_L1', 'BRAND'];

/** What to show for an item beside its id. */
export interface ItemNames {
  /** The item's name, or its id where it has none. */
  name(itemId: string): string;
  /** What kind of item it is; empty where the data does not say. */
  kind(itemId: string): string;
}

/** Finds names in the imported item metadata. */
export async function readItemNames(database: Database, datasetGroup: DatasetGroupName): Promise<ItemNames> {
  const items = new Map<string, JsonObject>();
  for await (const batch of streamItems(database, datasetGroup)) {
    for (const { itemId, metadata } of batch) items.set(itemId, metadata);
  }
  const first = (itemId: string, columns: readonly string[]) => {
    const metadata = items.get(itemId);
    const column = columns.find((each) => metadata?.[each] !== undefined);
    return column === undefined ? undefined : String(metadata?.[column]);
  };
  return {
    name: (itemId) => first(itemId, NAME_COLUMNS) ?? itemId,
    kind: (itemId) => (first(itemId, KIND_COLUMNS) ?? '').replaceAll('|', ', '),
  };
}
