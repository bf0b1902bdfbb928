import { Client, type ClientConfig, Pool, type PoolClient } from 'pg';
import type { BulkColumn } from './bulkInsert';
import type { Database, Queryable } from './database';
import { PostgresConnection } from './postgresConnection';
import { unavailableWhereLost } from './postgresErrors';
import { DEFAULT_STATEMENT_TIMEOUT_MS, type PostgresSettings, toClientConfig } from './postgresSettings';

/**
 * Opens a database of a PostgreSQL server, version 15 or newer. Connections are made when they are needed, in a pool: one
 * that is lost is replaced by the next query, so a server that comes back needs no restart here. Nothing is repeated.
 *
 * Besides the contract of Database: every method rejects with UnavailableError where the server can't be reached or goes
 * away meanwhile. Where that happens while a transaction commits, nobody can tell whether it did; so let its work be
 * repeatable.
 * @throws InvalidInputError where the URL is none; UnavailableError where the server can't be reached
 */
export async function openPostgres(settings: PostgresSettings): Promise<Database> {
  const database = new PostgresDatabase(settings);
  try {
    await database.query('select 1');
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const DEFAULT_POOL_SIZE = 10;

class PostgresDatabase implements Database {
  private readonly config: ClientConfig;
  /** Where the server is, for error messages. */
  private readonly server: string;
  private readonly statementTimeoutMs: number;
  private readonly pool: Pool;
  private readonly streams = new Set<Client>();
  private readonly inHand = new Set<Promise<unknown>>();
  private closing: Promise<void> | undefined;

  constructor(settings: PostgresSettings) {
    const { poolSize = DEFAULT_POOL_SIZE, statementTimeoutMs = DEFAULT_STATEMENT_TIMEOUT_MS } = settings;
    const config = toClientConfig(settings);
    this.config = config;
    this.server = `${config.host}:${config.port}`;
    this.statementTimeoutMs = statementTimeoutMs;
    this.pool = new Pool({
      ...config,
      max: poolSize,
      ...(statementTimeoutMs > 0 && { statement_timeout: statementTimeoutMs }),
    });
    // An idle connection was lost, and the pool has dropped it. The next query opens another, or says that it can't.
    this.pool.on('error', () => {});
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.withConnection((connection) => connection.query<Row>(sql, parameters));
  }

  runScript(sql: string): Promise<void> {
    return this.withConnection((connection) => connection.runScript(sql));
  }

  insertRows<Row>(table: string, columns: readonly BulkColumn<Row>[], rows: readonly Row[]): Promise<void> {
    return this.withConnection((connection) => connection.insertRows(table, columns, rows));
  }

  copyRows(table: string, columns: readonly string[], chunks: AsyncIterable<string>): Promise<void> {
    return this.withConnection((connection) => connection.copyRows(table, columns, chunks));
  }

  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    return this.withConnection((connection) => connection.transaction(work));
  }

  /** On a connection of its own: a slow reader would keep one of the pool from everybody else. */
  async *stream<Row>(sql: string, parameters: readonly unknown[], batchSize: number): AsyncGenerator<Row[]> {
    this.refuseWhenClosed();
    const client = new Client(this.config);
    const connection = new PostgresConnection(client, this.server, 0);
    this.streams.add(client);
    try {
      await this.connect(() => client.connect());
      await connection.query('begin transaction isolation level repeatable read, read only');
      await connection.query(`declare batches no scroll cursor for ${sql}`, parameters);
      for (;;) {
        const rows = await connection.query<Row>(`fetch forward ${batchSize} from batches`);
        if (rows.length > 0) yield rows;
        if (rows.length < batchSize) return;
      }
    } finally {
      this.streams.delete(client);
      await client.end();
    }
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    await Promise.allSettled(this.inHand);
    await Promise.all([...this.streams].map((client) => client.end()));
    await this.pool.end();
  }

  private withConnection<Result>(work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    const result = this.runOnPool(work);
    this.inHand.add(result);
    const forget = () => this.inHand.delete(result);
    result.then(forget, forget);
    return result;
  }

  private async runOnPool<Result>(work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    this.refuseWhenClosed();
    const client = await this.connect<PoolClient>(() => this.pool.connect());
    const connection = new PostgresConnection(client, this.server, this.statementTimeoutMs);
    try {
      return await work(connection);
    } finally {
      connection.detach();
      client.release(connection.lost);
    }
  }

  private async connect<Result>(open: () => Promise<Result>): Promise<Result> {
    try {
      return await open();
    } catch (error) {
      throw unavailableWhereLost(error, this.server);
    }
  }

  private refuseWhenClosed(): void {
    if (this.closing) throw new Error(`The database at ${this.server} was closed.`);
  }
}
