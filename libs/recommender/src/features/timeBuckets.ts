/** How many kinds of gaps are told apart: under a second, then one for each doubling, up to 68 years and more. */
export const TIME_BUCKETS = 33;

/**
 * The kind of a gap in time: 0 under a second, else one more than the whole part of its binary logarithm in seconds. Fine
 * where order within a session is told from a pause, coarse where a month is told from a year.
 * @param milliseconds 0 or more
 */
export function timeBucket(milliseconds: number): number {
  return 32 - Math.clz32(Math.min(milliseconds / 1000, 0xffff_ffff));
}
