/**
 * A `bigint` as SQL writes it, as a number.
 * @throws RangeError where it is beyond 2^53 and would lose digits
 */
export function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      `The bigint ${text} is beyond 2^53 and would lose digits as a number. Cast it to text in the query.`,
    );
  }
  return value;
}
