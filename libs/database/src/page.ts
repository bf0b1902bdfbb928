/** A part of a list in order of creation. What is created or deleted between two pages shifts nothing. */
export interface Page {
  /** The most rows. */
  limit: number;
  /** The last row of the page before; absent for the first page. */
  after?: PageKey;
}

/** Where a row stands in its list. */
export interface PageKey {
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** What tells rows of one moment apart: unique in the table. */
  id: string;
}

/**
 * The end of a query for a page of a table that has a column `created_ms`.
 * @param bounds columns and the values that the rows must have; undefined for any
 * @param id the column that is unique
 */
export function pageClause(
  bounds: Readonly<Record<string, string | undefined>>,
  { limit, after }: Page,
  id = 'arn',
): { sql: string; parameters: unknown[] } {
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined);
  const parameters: unknown[] = [
    after?.createdAt ?? null,
    after?.id ?? null,
    limit,
    ...given.map(([, value]) => value),
  ];
  const conditions = given.map(([column], index) => ` and ${column} = $${index + 4}`);
  return {
    sql: `where ($1::bigint is null or (created_ms, ${id}) > ($1, $2))${conditions.join('')}
      order by created_ms, ${id} limit $3`,
    parameters,
  };
}
