import type { BulkColumn } from './bulkInsert';

/**
 * Runs SQL. Parameters are `$1`, `$2`, ...; `bigint` columns come back as numbers, `jsonb` as parsed values, `bytea` as
 * `Uint8Array`.
 *
 * A JavaScript array is an SQL array (`$1::text[]`). A `jsonb` parameter is an object, or else JSON text: the one way to
 * send a JSON array or a bare value.
 */
export interface Queryable {
  /**
   * Runs one statement.
   * @returns the rows, as objects keyed by column name
   * @throws RangeError where a `bigint` of the result is beyond 2^53 and would lose digits
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs several statements, without parameters or results: what a migration is made of. */
  runScript(sql: string): Promise<void>;
  /** Inserts many rows, in their order, by the fastest way that the database has. */
  insertRows<Row>(table: string, columns: readonly BulkColumn<Row>[], rows: readonly Row[]): Promise<void>;
  /**
   * Inserts rows that are written in the text format of COPY already, in their order, as they come. Nothing stays of them
   * where the source throws, and the rejection is what it threw.
   * @param chunks whole lines; some 64 KB a chunk go fastest
   */
  copyRows(table: string, columns: readonly string[], chunks: AsyncIterable<string>): Promise<void>;
}

/** A Postgres: embedded (PGlite in a data folder) or a server. The contract suite holds for both. */
export interface Database extends Queryable {
  /**
   * Runs the work in one transaction: committed when the work resolves, rolled back when it rejects. Rejects, too, where
   * a statement failed and the work went on regardless: such a transaction can't commit.
   *
   * Inside, use the transaction alone. A query on the database itself is not part of it, and embedded, where there is
   * one connection, it would wait for the end of the transaction that waits for it.
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  /**
   * Reads a result too large to hold, through a cursor, in one snapshot. Leaving the loop early frees the cursor. Other
   * queries run between two batches, however slow the reader is.
   * @param batchSize rows per batch
   */
  stream<Row = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[],
    batchSize: number,
  ): AsyncIterable<Row[]>;
  /** Waits for the queries in hand. Later ones reject. Closing again changes nothing. */
  close(): Promise<void>;
}
