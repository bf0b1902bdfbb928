import type { PGlite } from '@electric-sql/pglite';

export interface MaintenanceSettings {
  /**
   * How long after the first of some queries the housekeeping runs, in milliseconds.
   * @default 60,000
   */
  delayMs: number;
  /**
   * The length of the write-ahead log that calls for a checkpoint, in bytes. One takes some 50 ms at the default.
   * @default 64 MiB
   */
  walLimitBytes: number;
}

export const DEFAULT_MAINTENANCE: MaintenanceSettings = { delayMs: 60_000, walLimitBytes: 64 * 1024 * 1024 };

/**
 * The housekeeping that a Postgres server does in the background and PGlite leaves undone: checkpoints, without which
 * the write-ahead log and the time of the next start after a kill grow for ever, and vacuum, without which the room of
 * deleted rows is never used again.
 *
 * It runs a while after queries have run, so that an idle database has no timer. Where it fails, it ends the process by an
 * unhandled rejection: data can't be written any more, and a server would stop, too.
 */
export class PgliteMaintenance {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly pglite: PGlite,
    private readonly settings: MaintenanceSettings,
  ) {}

  /** To be called with every query. */
  schedule(): void {
    if (this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.running = this.run();
    }, this.settings.delayMs).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    await this.vacuum();
    await this.checkpoint();
  }

  /** By the rule of autovacuum: where a fifth of a table is dead. */
  private async vacuum(): Promise<void> {
    await this.pglite.exec('select pg_stat_force_next_flush()');
    const { rows } = await this.pglite.query<{ name: string }>(
      `select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
       where n_dead_tup > 50 + 0.2 * n_live_tup`,
    );
    for (const { name } of rows) await this.pglite.exec(`vacuum ${name}`);
  }

  private async checkpoint(): Promise<void> {
    const { rows } = await this.pglite.query<{ wal_bytes: number }>(
      'select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::float8 as wal_bytes from pg_control_checkpoint()',
    );
    if (rows[0]!.wal_bytes > this.settings.walLimitBytes) await this.pglite.exec('checkpoint');
  }
}
