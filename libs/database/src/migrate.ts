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

/** Runs the work in a transaction while no other process migrates. */
function alone<Result>(db: Database, work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
  return db.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
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
