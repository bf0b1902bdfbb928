import { drawIndex, streamOf } from './draws';
import type { Catalogue } from './items';
import type { WorldSettings } from './settings';
import { blend, dot, noise } from './vectors';

/** A user's favourite categories, the strongest first, and noise. */
const FAVOURITES = [1, 0.7, 0.4];
const PERSONAL_NOISE = 0.5;

/** The taste of every user on every day of history and service: a random walk on the unit sphere. */
export class Tastes {
  private readonly walks: Float64Array[][];

  constructor(
    private readonly settings: WorldSettings,
    { categories }: Catalogue,
  ) {
    const { seed, users, historyDays, days, dimensions, driftPerDay } = settings;
    this.walks = Array.from({ length: users }, (_, user) => {
      const random = streamOf(seed, 'tastes', user);
      const favourites = FAVOURITES.map((weight) => {
        const drawn = drawIndex(random, new Float64Array(categories.length).fill(1));
        return { vector: categories[drawn]!.vector, weight };
      });
      let taste = blend([...favourites, { vector: noise(random, dimensions), weight: PERSONAL_NOISE }]);
      return Array.from({ length: historyDays + days }, () => {
        const today = taste;
        taste = blend([
          { vector: taste, weight: 1 },
          { vector: noise(random, dimensions), weight: driftPerDay * Math.sqrt(dimensions) },
        ]);
        return today;
      });
    });
  }

  /** @param day from the first served day; negative in the history */
  on(user: number, day: number): Float64Array {
    const { historyDays } = this.settings;
    return this.walks[user]![day + historyDays]!;
  }
}

/** How steep the way from dislike to like is, and where its middle lies, in cosines of taste and item. */
const SLOPE = 6;
const MIDDLE = 0.4;

/** How well an item suits a taste, 0 to 1. */
export function affinity(taste: Float64Array, item: Float64Array): number {
  return 1 / (1 + Math.exp(-SLOPE * (dot(taste, item) - MIDDLE)));
}
