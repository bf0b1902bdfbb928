import type { PoolItem } from '@attune/domain';

/** Items that are drawn in proportion to their weights, without putting any back. */
export class ItemDraw {
  private readonly left: PoolItem[];
  private total: number;

  constructor(items: readonly PoolItem[]) {
    this.left = [...items];
    this.total = sumOfWeights(this.left);
  }

  get isEmpty(): boolean {
    return this.left.length === 0;
  }

  /** @param uniform a random number in [0, 1) */
  item(uniform: number): PoolItem {
    let rest = uniform * this.total;
    for (const item of this.left) {
      rest -= item.weight;
      if (rest < 0) return item;
    }
    // Rounding may leave a rest behind the last item.
    return this.left.at(-1)!;
  }

  /** The probability that the next draw gives this item; 0 where it is not left. */
  share(itemId: string): number {
    const item = this.left.find((each) => each.itemId === itemId);
    return item === undefined ? 0 : item.weight / this.total;
  }

  /** The sum is made anew, so that rounding errors do not add up over the slots. */
  remove(itemId: string): void {
    const index = this.left.findIndex((each) => each.itemId === itemId);
    if (index === -1) return;
    this.left.splice(index, 1);
    this.total = sumOfWeights(this.left);
  }
}

function sumOfWeights(items: readonly PoolItem[]): number {
  let sum = 0;
  for (const { weight } of items) sum += weight;
  return sum;
}
