import { type Database, streamItems } from '@attune/database';
import type { DatasetGroupName, ItemId } from '@attune/domain';
import type { NewItem } from '@attune/recommender';

interface ItemTable {
  createdAt: ReadonlyMap<ItemId, number>;
  metadata: ReadonlyMap<ItemId, Readonly<Record<string, unknown>>>;
  columns: ReadonlySet<string>;
  undated: readonly ItemId[];
  /** Counts the readings of the table; 0 before the first. */
  revision: number;
}

const EMPTY: ItemTable = { createdAt: new Map(), metadata: new Map(), columns: new Set(), undated: [], revision: 0 };

/** The item tables of all dataset groups, held in memory: a request may ask for the metadata of 50 items. */
export class ItemCatalog {
  private readonly tables = new Map<DatasetGroupName, ItemTable>();

  constructor(private readonly database: Database) {}

  /** Reads the table of a dataset group, in place of what was known. */
  async load(datasetGroup: DatasetGroupName): Promise<void> {
    const createdAt = new Map<ItemId, number>();
    const metadata = new Map<ItemId, Readonly<Record<string, unknown>>>();
    const columns = new Set<string>();
    const undated: ItemId[] = [];
    for await (const items of streamItems(this.database, datasetGroup)) {
      for (const item of items) {
        if (item.createdAt !== undefined) createdAt.set(item.itemId, item.createdAt);
        else undated.push(item.itemId);
        metadata.set(item.itemId, item.metadata);
        for (const column of Object.keys(item.metadata)) columns.add(column);
      }
    }
    const revision = this.revision(datasetGroup) + 1;
    this.tables.set(datasetGroup, { createdAt, metadata, columns, undated, revision });
  }

  /** Changes with what is known of a dataset group's items. */
  revision(datasetGroup: DatasetGroupName): number {
    return this.table(datasetGroup).revision;
  }

  /** The items that a model does not know, with all that is known of them. */
  itemsBeyond(datasetGroup: DatasetGroupName, known: (id: ItemId) => boolean): NewItem[] {
    const { metadata } = this.table(datasetGroup);
    const ids = [...metadata.keys()].filter((id) => !known(id));
    return ids.map((id) => ({ id, metadata: this.row(datasetGroup, id) }));
  }

  /** The metadata columns that any item has a value in. */
  columns(datasetGroup: DatasetGroupName): ReadonlySet<string> {
    return this.table(datasetGroup).columns;
  }

  /** An item's values in these columns, as text. Columns in which it has none are left out. */
  metadata(datasetGroup: DatasetGroupName, itemId: ItemId, columns: readonly string[]): Record<string, string> {
    const values = this.table(datasetGroup).metadata.get(itemId) ?? {};
    const present = columns.filter((column) => values[column] !== undefined && values[column] !== null);
    return Object.fromEntries(present.map((column) => [column, String(values[column])]));
  }

  /** All that is known of an item, by column. */
  row(datasetGroup: DatasetGroupName, itemId: ItemId): NewItem['metadata'] {
    const { metadata, createdAt } = this.table(datasetGroup);
    return { ...metadata.get(itemId), CREATION_TIMESTAMP: createdAt.get(itemId) };
  }

  /** When the item came into the catalogue, in milliseconds since the epoch; undefined where the data does not say. */
  createdAt(datasetGroup: DatasetGroupName, itemId: ItemId): number | undefined {
    return this.table(datasetGroup).createdAt.get(itemId);
  }

  /** The items that came into the catalogue at or after a time. */
  createdSince(datasetGroup: DatasetGroupName, since: number): ItemId[] {
    return [...this.table(datasetGroup).createdAt].filter(([, at]) => at >= since).map(([itemId]) => itemId);
  }

  /** The items of which the data does not say when they came into the catalogue. */
  undated(datasetGroup: DatasetGroupName): readonly ItemId[] {
    return this.table(datasetGroup).undated;
  }

  private table(datasetGroup: DatasetGroupName): ItemTable {
    return this.tables.get(datasetGroup) ?? EMPTY;
  }
}
