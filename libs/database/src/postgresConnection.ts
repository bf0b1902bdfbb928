import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { ClientBase, QueryConfig } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { BulkColumn } from './bulkInsert';
import { copyText } from './copyText';
import type { Queryable } from './database';
import { isConnectionLoss, unavailableWhereLost } from './postgresErrors';

/** How much longer than the server this side waits for the end of a statement, in case the server is cut off. */
const GRACE_MS = 5_000;

/** One connection to a server. */
export class PostgresConnection implements Queryable {
  /** Whether it can't be used any more. */
  lost = false;
  private readonly readTimeout: { query_timeout?: number };

  /**
   * @param server where it leads, for error messages
   * @param statementTimeoutMs what the server was told; 0 for none
   */
  constructor(
    private readonly client: ClientBase,
    private readonly server: string,
    statementTimeoutMs: number,
  ) {
    this.readTimeout = statementTimeoutMs > 0 ? { query_timeout: statementTimeoutMs + GRACE_MS } : {};
    client.on('error', this.onLoss);
  }

  /** Lets go of the client, which is its owner's. */
  detach(): void {
    this.client.off('error', this.onLoss);
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const query: QueryConfig & { query_timeout?: number } = {
      text: sql,
      values: parameters as unknown[],
      ...this.readTimeout,
    };
    return this.run(async () => (await this.client.query(query)).rows as Row[]);
  }

  async runScript(sql: string): Promise<void> {
    await this.run(() => this.client.query(sql));
  }

  async insertRows<Row>(table: string, columns: readonly BulkColumn<Row>[], rows: readonly Row[]): Promise<void> {
    const names = columns.map(({ name }) => name).join(', ');
    await this.run(async () => {
      const copy = this.client.query(copyFrom(`copy ${table} (${names}) from stdin`));
      copy.end(copyText(columns, rows));
      await finished(copy);
    });
  }

  async copyRows(table: string, columns: readonly string[], chunks: AsyncIterable<string>): Promise<void> {
    await this.run(async () => {
      const copy = this.client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`));
      await pipeline(Readable.from(chunks), copy);
    });
  }

  async transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    await this.query('begin');
    const transaction = new Transaction(this);
    try {
      const result = await work(transaction);
      await this.commit();
      return result;
    } catch (error) {
      if (!this.lost) await this.rollback();
      throw error;
    } finally {
      transaction.ended = true;
    }
  }

  private async commit(): Promise<void> {
    const { command } = await this.run(() => this.client.query('commit'));
    // Where a statement failed, the server answers a commit by a rollback, and calls it a success.
    if (command === 'ROLLBACK') {
      throw new Error('The transaction was rolled back: a statement failed, and the work went on regardless.');
    }
  }

  /** Where even this fails, the connection is given up, and the server rolls back by itself. */
  private async rollback(): Promise<void> {
    try {
      await this.client.query('rollback');
    } catch {
      this.lost = true;
    }
  }

  private async run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.lost ||= isConnectionLoss(error);
      throw unavailableWhereLost(error, this.server);
    }
  }

  /** While no query runs, pg reports the loss so. The next query then says what it means. */
  private readonly onLoss = () => {
    this.lost = true;
  };
}

/** What the work of a transaction sees of its connection. */
class Transaction implements Queryable {
  ended = false;

  constructor(private readonly connection: PostgresConnection) {}

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    this.refuseWhenEnded();
    return this.connection.query<Row>(sql, parameters);
  }

  async runScript(sql: string): Promise<void> {
    this.refuseWhenEnded();
    await this.connection.runScript(sql);
  }

  async insertRows<Row>(table: string, columns: readonly BulkColumn<Row>[], rows: readonly Row[]): Promise<void> {
    this.refuseWhenEnded();
    await this.connection.insertRows(table, columns, rows);
  }

  async copyRows(table: string, columns: readonly string[], chunks: AsyncIterable<string>): Promise<void> {
    this.refuseWhenEnded();
    await this.connection.copyRows(table, columns, chunks);
  }

  private refuseWhenEnded(): void {
    if (this.ended) throw new Error('The transaction has ended. Its work must wait for all of its queries.');
  }
}
