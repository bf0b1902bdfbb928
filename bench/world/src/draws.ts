import { Random } from '@attune/recommender';

/** What a draw is about: each kind has a stream of its own, so that more of one changes none of the others. */
export const STREAMS = ['items', 'tastes', 'sessions', 'clicks', 'organic', 'history', 'policies'] as const;

export type Stream = (typeof STREAMS)[number];

/** A generator for one purpose, which depends on the world's seed, the stream and the numbers alone. */
export function streamOf(seed: number, stream: Stream, ...numbers: readonly number[]): Random {
  return new Random(mix(seed, stream, numbers));
}

/**
 * A number in [0, 1) that depends on the world's seed, the stream and the numbers alone. So the same user clicks on the
 * same item in the same place whichever policy shows it: policies are compared under common random numbers.
 */
export function drawOf(seed: number, stream: Stream, ...numbers: readonly number[]): number {
  return mix(seed, stream, numbers) / 0x1_0000_0000;
}

/** Mixes whole numbers into 32 bits, by the finalizer of MurmurHash3 (Appleby, 2008) after each. */
function mix(seed: number, stream: Stream, numbers: readonly number[]): number {
  let hash = murmur(seed ^ Math.imul(STREAMS.indexOf(stream) + 1, 0x9e3779b1));
  for (const number of numbers) hash = murmur((Math.imul(hash, 31) + Math.imul(number + 1, 0x85ebca6b)) | 0);
  return hash >>> 0;
}

function murmur(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** An index, drawn in proportion to the weights. */
export function drawIndex(random: Random, weights: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < weights.length; index++) total += weights[index]!;
  let left = random.uniform() * total;
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
