import type { Random } from '../data/random';

/** Items drawn as negatives for a whole batch. */
export interface Negatives {
  /** [negatives] each once */
  readonly items: Int32Array;
  /** [negatives] logarithm of how often it was drawn over how often it was to be expected: what makes a sum over them one over all */
  readonly corrections: Float32Array;
}

/**
 * Draws negatives half evenly over the catalogue, half by popularity (mixed negative sampling, Yang et al., 2020): popular ones
 * are the hard ones, and an item that is never drawn would never be pushed down.
 */
export class NegativeSampler {
  readonly #cumulative: Float64Array;

  /** @param popularity [items] sums to 1 */
  constructor(
    private readonly popularity: Float32Array,
    private readonly draws: number,
  ) {
    let sum = 0;
    this.#cumulative = Float64Array.from(popularity, (share) => {
      sum += share;
      return sum;
    });
  }

  draw(random: Random): Negatives {
    const items = this.popularity.length;
    const drawn = new Map<number, number>();
    for (let draw = 0; draw < this.draws; draw++) {
      const item = draw % 2 === 0 ? Math.floor(random.uniform() * items) : this.#popular(random.uniform());
      drawn.set(item, (drawn.get(item) ?? 0) + 1);
    }
    const expected = (item: number) => this.draws * (0.5 / items + 0.5 * this.popularity[item]!);
    return {
      items: Int32Array.from(drawn.keys()),
      corrections: Float32Array.from(drawn, ([item, count]) => Math.log(count / expected(item))),
    };
  }

  /** The item at whose share of the popularity a number between 0 and 1 falls. */
  #popular(share: number): number {
    let low = 0;
    let high = this.#cumulative.length - 1;
    const goal = share * this.#cumulative[high]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! > goal) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
