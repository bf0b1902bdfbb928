/** Runs SQL. Parameters are `$1`, `$2`, ...; `bigint` columns come back as numbers, `jsonb` as parsed values. */
export interface Queryable {
  /**
   * Runs one statement.
   * @returns the rows, as objects keyed by column name
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A Postgres: embedded (PGlite in a data folder) or a server. The contract suite holds for both. */
export interface Database extends Queryable {
  /** Runs the work in one transaction: committed when the work resolves, rolled back when it rejects. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  /**
   * Reads a result too large to hold, through a cursor, in one snapshot.
   * @param batchSize rows per batch
   */
  stream<Row = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[],
    batchSize: number,
  ): AsyncIterable<Row[]>;
  close(): Promise<void>;
}
