import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { InvalidInputError, UnavailableError } from '@attune/domain';
import { PGlite, type Transaction, types } from '@electric-sql/pglite';
import { type BulkColumn, bulkInsert } from './bulkInsert';
import type { Database, Queryable } from './database';
import { lockFolder } from './folderLock';
import { parseBigint } from './parseBigint';
import { DEFAULT_MAINTENANCE, type MaintenanceSettings, PgliteMaintenance } from './pgliteMaintenance';

/**
 * Opens the embedded Postgres: PGlite in a data folder, or in memory where none is named. The first opening of a folder
 * takes some 4 s, later ones 0.2 s.
 *
 * A transaction that was committed survives the death of the process. It may not survive the power going off: PGlite
 * writes to the operating system's cache and can't force the disk. Use a Postgres server where that matters.
 *
 * There is one connection, and it works on the calling thread: queries run one after another, and a long one holds up
 * the event loop. `stream` computes its whole result first, into a file where it is large, so that no transaction stays
 * open between two batches.
 *
 * @throws AttuneError `ResourceInUse` where a living process has the folder open
 */
export async function openPglite(
  dataDir?: string,
  maintenance: MaintenanceSettings = DEFAULT_MAINTENANCE,
): Promise<Database> {
  if (dataDir === undefined) return new PgliteDatabase(await startPglite(), maintenance, async () => {});
  const folder = resolve(dataDir);
  await mkdir(dirname(folder), { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    if (!existsSync(join(folder, 'PG_VERSION'))) await createFolder(folder);
    // Left by a killed process. A Postgres server clears them when it starts; PGlite does not.
    await rm(join(folder, 'base', 'pgsql_tmp'), { recursive: true, force: true });
    return new PgliteDatabase(await startPglite(folder), maintenance, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Made aside and renamed when it is whole, so that a process killed meanwhile leaves nothing half made. */
async function createFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new InvalidInputError(
      `${folder} holds files that are no database. Choose another data folder, or an empty one.`,
    );
  }
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await (await startPglite(draft)).close();
  await rename(draft, folder);
}

async function startPglite(dataDir?: string): Promise<PGlite> {
  try {
    return await PGlite.create({
      ...(dataDir !== undefined && { dataDir }),
      parsers: { [types.INT8]: parseBigint },
    });
  } catch (error) {
    throw new UnavailableError(`The database in ${dataDir ?? 'memory'} can't be opened.`, 1, { cause: error });
  }
}

class PgliteDatabase implements Database {
  private readonly maintenance: PgliteMaintenance;
  private cursors = 0;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly pglite: PGlite,
    maintenance: MaintenanceSettings,
    private readonly unlock: () => Promise<void>,
  ) {
    this.maintenance = new PgliteMaintenance(pglite, maintenance);
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    this.maintenance.schedule();
    return (await this.pglite.query<Row>(sql, parameters as unknown[])).rows;
  }

  async runScript(sql: string): Promise<void> {
    this.maintenance.schedule();
    await this.pglite.exec(sql);
  }

  insertRows<Row>(table: string, columns: readonly BulkColumn<Row>[], rows: readonly Row[]): Promise<void> {
    this.maintenance.schedule();
    return insertRows(this.pglite, table, columns, rows);
  }

  copyRows(table: string, columns: readonly string[], chunks: AsyncIterable<string>): Promise<void> {
    return this.transaction((transaction) => transaction.copyRows(table, columns, chunks));
  }

  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    this.maintenance.schedule();
    return this.pglite.transaction((transaction) =>
      work({
        query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
          (await transaction.query<Row>(sql, parameters as unknown[])).rows,
        runScript: async (sql) => {
          await transaction.exec(sql);
        },
        insertRows: (table, columns, rows) => insertRows(transaction, table, columns, rows),
        copyRows: (table, columns, chunks) => copyRows(transaction, table, columns, chunks),
      }),
    );
  }

  async *stream<Row>(sql: string, parameters: readonly unknown[], batchSize: number): AsyncGenerator<Row[]> {
    const cursor = `stream_${++this.cursors}`;
    await this.query(`declare ${cursor} no scroll cursor with hold for ${sql}`, parameters);
    try {
      for (;;) {
        const rows = await this.query<Row>(`fetch forward ${batchSize} from ${cursor}`);
        if (rows.length > 0) yield rows;
        if (rows.length < batchSize) return;
      }
    } finally {
      await this.query(`close ${cursor}`);
    }
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    try {
      await this.maintenance.stop();
      await this.pglite.close();
    } finally {
      await this.unlock();
    }
  }
}

/** PGlite's COPY, which reads a file in memory, is no faster. */
async function insertRows<Row>(
  pglite: Pick<Transaction, 'query'>,
  table: string,
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const { sql, parameters } = bulkInsert(table, columns, rows);
  await pglite.query(sql, parameters);
}

/** A COPY for each chunk: between two of them the event loop serves what needs no database. */
async function copyRows(
  pglite: Pick<Transaction, 'query'>,
  table: string,
  columns: readonly string[],
  chunks: AsyncIterable<string>,
): Promise<void> {
  for await (const chunk of chunks) {
    await pglite.query(`copy ${table} (${columns.join(', ')}) from '/dev/blob'`, [], { blob: new Blob([chunk]) });
    await setImmediate();
  }
}
