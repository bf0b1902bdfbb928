import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotReadyError } from '@attune/domain';
import type { Database, Queryable } from './database';

const MIGRATIONS_FOLDER = join(__dirname, '..', 'migrations');
const FILE_NAME = /^(\d{6})_[a-z\d_]+\.sql$/;

/** Any fixed number: processes that start together wait here for each other. */
const MIGRATION_LOCK = 4_126_883;

interface Migration {
  version: number;
  file: string;
}

/**
 * Brings the schema up to date: runs the numbered files of `migrations/` that have not run yet, each in its own
 * transaction. Repeating it changes nothing, and processes that start together may all do it.
 * @throws NotReadyError where a newer Attune has written this database
 */
export async function migrate(db: Database): Promise<void> {
  const migrations = await findMigrations();
  await alone(db, (transaction) =>
    transaction.query(
      'create table if not exists schema_migration (version integer primary key, file text not null, applied_at timestamptz not null default now())',
    ),
  );
  await refuseNewerDatabase(db, migrations);
  for (const migration of migrations) await alone(db, (transaction) => applyOnce(transaction, migration));
}

/**
 * Checks that the schema is the one this version works with, and changes nothing.
 * @throws NotReadyError where migrations have not run yet, or a newer Attune has written this database
 */
export async function requireSchema(db: Database): Promise<void> {
  const migrations = await findMigrations();
  const [table] = await db.query<{ name: string | null }>("select to_regclass('schema_migration')::text as name");
  const applied = table?.name ? await db.query<{ version: number }>('select version from schema_migration') : [];
  const versions = new Set(applied.map(({ version }) => version));
  const missing = migrations.filter(({ version }) => !versions.has(version));
  if (missing.length > 0) {
    throw new NotReadyError(
      `The database lacks ${missing.map(({ file }) => file).join(', ')}. Run attune migrate, then start again.`,
    );
  }
  await refuseNewerDatabase(db, migrations);
}

/** Runs the work in a transaction while no other process migrates. */
function alone<Result>(db: Database, work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
  return db.transaction(async (transaction) => {
    // A migration of a large database takes as long as it takes, and so does the wait for another process's.
    await transaction.runScript(`set local statement_timeout = 0; select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    return work(transaction);
  });
}

async function findMigrations(): Promise<Migration[]> {
  return (await readdir(MIGRATIONS_FOLDER)).sort().map((file) => {
    const version = FILE_NAME.exec(file)?.[1];
    if (version === undefined)
      throw new Error(`${join(MIGRATIONS_FOLDER, file)} is not named 000001_what_it_does.sql.`);
    return { version: Number(version), file };
  });
}

async function refuseNewerDatabase(db: Database, migrations: readonly Migration[]): Promise<void> {
  const [newest] = await db.query<{ version: number }>('select max(version) as version from schema_migration');
  const known = migrations.at(-1)?.version ?? 0;
  if (newest && newest.version > known) {
    throw new NotReadyError(
      `The database has schema version ${newest.version}, this Attune knows versions up to ${known}. Start the newer Attune that wrote it, or use another database.`,
    );
  }
}

async function applyOnce(transaction: Queryable, { version, file }: Migration): Promise<void> {
  const [applied] = await transaction.query('select 1 from schema_migration where version = $1', [version]);
  if (applied) return;
  await transaction.runScript(await readFile(join(MIGRATIONS_FOLDER, file), 'utf8'));
  await transaction.query('insert into schema_migration (version, file) values ($1, $2)', [version, file]);
}
