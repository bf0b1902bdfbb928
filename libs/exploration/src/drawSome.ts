import type { Random } from '@attune/recommender';

/**
 * Draws some of many without putting any back, each with a chance that grows with its weight (Efraimidis and Spirakis,
 * "Weighted random sampling with a reservoir", 2006).
 * @param weights above 0, in the order of the members
 * @returns all of them, where they are not more than `size`
 */
export function drawSome<Member>(
  members: readonly Member[],
  weights: readonly number[],
  size: number,
  random: Pick<Random, 'uniform'>,
): Member[] {
  if (members.length <= size) return [...members];
  // The smaller the better: an exponential waiting time for each.
  const waits = members.map((member, index) => ({ member, wait: -Math.log(1 - random.uniform()) / weights[index]! }));
  return waits
    .sort((one, other) => one.wait - other.wait)
    .slice(0, size)
    .map(({ member }) => member);
}
