import type { Dataset } from './dataset';

/** The items a model knows, in the order of its rows. */
export class ItemCatalogue {
  #indices: Map<string, number> | undefined;

  /**
   * @param ids by item index
   * @param counts [items] interactions in the training data
   * @param firstInteractions [items] milliseconds since the epoch; NaN where no one touched the item
   */
  constructor(
    readonly ids: readonly string[],
    readonly counts: Int32Array,
    readonly firstInteractions: Float64Array,
  ) {}

  /** The index of an item, undefined where the model does not know it. */
  indexOf(id: string): number | undefined {
    this.#indices ??= new Map(this.ids.map((known, index) => [known, index]));
    return this.#indices.get(id);
  }
}

/** The catalogue of a dataset. */
export function catalogueOf({ itemIds, items, timestamps }: Dataset): ItemCatalogue {
  const counts = new Int32Array(itemIds.length);
  const first = new Float64Array(itemIds.length).fill(Number.NaN);
  items.forEach((item, row) => {
    counts[item]!++;
    const timestamp = timestamps[row]!;
    if (!(first[item]! <= timestamp)) first[item] = timestamp;
  });
  return new ItemCatalogue(itemIds, counts, first);
}
