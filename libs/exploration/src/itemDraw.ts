import type { PoolItem } from '@attune/domain';

/** Items that are drawn in proportion to their weights, without putting any back. */
export class ItemDraw {
  /** By place in the pool; 0 where the item is gone. */
  private readonly weights: Float64Array;
  private readonly places = new Map<string, number>();
  private total: number;

  constructor(private readonly items: readonly PoolItem[]) {
    this.weights = new Float64Array(items.length);
    for (let place = 0; place < items.length; place++) {
      this.weights[place] = items[place]!.weight;
      this.places.set(items[place]!.itemId, place);
    }
    this.total = sumOf(this.weights);
  }

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** @param uniform a random number in [0, 1) */
  item(uniform: number): PoolItem {
    let rest = uniform * this.total;
    let last = 0;
    for (let place = 0; place < this.weights.length; place++) {
      const weight = this.weights[place]!;
      if (weight === 0) continue;
      last = place;
      rest -= weight;
      if (rest < 0) break;
    }
    // Rounding may leave a rest behind the last item.
    return this.items[last]!;
  }

  /** The probability that the next draw gives this item; 0 where it is not left. */
  share(itemId: string): number {
    const place = this.places.get(itemId);
    return place === undefined ? 0 : this.weights[place]! / this.total;
  }

  /** The sum is made anew, so that rounding errors do not add up over the slots. */
  remove(itemId: string): void {
    const place = this.places.get(itemId);
    if (place === undefined) return;
    this.places.delete(itemId);
    this.weights[place] = 0;
    this.total = sumOf(this.weights);
  }
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < weights.length; place++) sum += weights[place]!;
  return sum;
}
