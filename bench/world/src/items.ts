import type { Random } from '@attune/recommender';
import { drawIndex, streamOf } from './draws';
import { SIMULATED, type WorldSettings } from './settings';
import { blend, noise } from './vectors';

/** An item of the world. What a recommender may know of it is its id, title, category, style and creation. */
export interface WorldItem {
  /** Its place in the order in which items came. */
  index: number;
  itemId: string;
  title: string;
  /** One of `CATEGORY_NAMES`. */
  category: string;
  /** A second, weaker hint at what the item is like. */
  style: string;
  /** When it came, in days from the first served day; a fraction is the time of day. */
  createdDay: number;
  /** HIDDEN: how good it is of its kind, 0 to 1. No metadata tells of it. */
  quality: number;
  /** HIDDEN: what it is like, of length 1. */
  vector: Float64Array;
}

const CATEGORY_NAMES = [
  'Drama',
  'Comedy',
  'Thriller',
  'Science Fiction',
  'Animation',
  'Documentary',
  'Western',
  'Romance',
  'Crime',
  'Fantasy',
  'History',
  'Music',
];
const STYLE_NAMES = ['quiet', 'fast', 'dark', 'bright'];

/** Old items came within this many days before the first served day, at any time of it. */
const OLDEST_DAYS = 365;

/** How far items of one category lie apart. */
const SPREAD_WITHIN_CATEGORY = 0.6;

/** The items of all days, and the directions of the categories. */
export interface Catalogue {
  /** In the order in which they came. */
  items: readonly WorldItem[];
  categories: readonly { name: string; vector: Float64Array }[];
}

/** Invents the catalogue. An item's quality does not depend on its category, its style or its age. */
export function inventCatalogue(settings: WorldSettings): Catalogue {
  const { seed, startingItems, newItemsPerDay, days, dimensions } = settings;
  const categories = Array.from({ length: settings.categories }, (_, index) => ({
    name: `${CATEGORY_NAMES[index % CATEGORY_NAMES.length]}${index < CATEGORY_NAMES.length ? '' : ' II'}`,
    vector: blend([{ vector: noise(streamOf(seed, 'items', index), dimensions), weight: 1 }]),
  }));
  // Some categories hold more items than others (Zipf).
  const sizes = categories.map((_, index) => 1 / (index + 3));
  const ages = streamOf(seed, 'items', 1_000);
  const old = Array.from({ length: startingItems }, () => -OLDEST_DAYS * ages.uniform());
  const young = Array.from({ length: days * newItemsPerDay }, (_, index) => index / newItemsPerDay);
  const created = [...old.sort((a, b) => a - b), ...young];
  const items = created.map((createdDay, index): WorldItem => {
    const random = streamOf(seed, 'items', 2_000 + index);
    const category = categories[drawIndex(random, sizes)]!;
    const vector = blend([
      { vector: category.vector, weight: 1 },
      { vector: noise(random, dimensions), weight: SPREAD_WITHIN_CATEGORY },
    ]);
    return {
      index,
      itemId: `item-${index + 1}`,
      title: `${SIMULATED} ${category.name} ${index + 1}`,
      category: category.name,
      // The signs of two directions that all categories share.
      style: STYLE_NAMES[(vector[0]! > 0 ? 1 : 0) + (vector[1]! > 0 ? 2 : 0)]!,
      createdDay,
      quality: drawQuality(random),
      vector,
    };
  });
  return { items, categories };
}

/**
 * Few items are very good: the distribution of Kumaraswamy (1980) with a = 1.2 and b = 6, like a Beta but with an inverse
 * in closed form. Mean 0.21, and one in ten above 0.4.
 */
function drawQuality(random: Random): number {
  return (1 - (1 - random.uniform()) ** (1 / 6)) ** (1 / 1.2);
}
