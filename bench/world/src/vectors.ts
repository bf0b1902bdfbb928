import type { Random } from '@attune/recommender';

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** The unit vector in the direction of a weighted sum. */
export function blend(parts: readonly { vector: Float64Array; weight: number }[]): Float64Array {
  const sum = new Float64Array(parts[0]!.vector.length);
  for (const { vector, weight } of parts) {
    for (let index = 0; index < sum.length; index++) sum[index]! += weight * vector[index]!;
  }
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

/** A vector whose entries are normal, with the standard deviation that makes its expected squared length 1. */
export function noise(random: Random, dimensions: number): Float64Array {
  return Float64Array.from({ length: dimensions }, () => random.normal() / Math.sqrt(dimensions));
}
