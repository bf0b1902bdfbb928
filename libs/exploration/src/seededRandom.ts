import { Random } from '@attune/recommender';

/** A generator for any text as seed: its 32-bit FNV-1a hash over UTF-16 code units (Fowler, Noll and Vo, 1991). */
export function seededRandom(seed: string): Random {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  return new Random(hash);
}
