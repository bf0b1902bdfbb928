import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { databaseContract } from './database.contract';
import { openPglite } from './pglite';

databaseContract('PGlite', () => openPglite());

describe('PGlite in a data folder', () => {
  let root: string;
  let made: string;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'attune-pglite-'));
    made = join(root, 'made', 'database');
    await (await openPglite(made)).close();
  });
  beforeEach(async () => {
    folder = join(await mkdtemp(join(root, 'test-')), 'database');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  /** A process that opens the folder, and inserts numbers one by one, telling each that is committed. */
  const startWriter = async () => {
    const committed: number[] = [];
    const child = fork(join(__dirname, 'pgliteWriter.fixture.js'), [folder], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    child.on('message', (number: number) => committed.push(number));
    while (committed.length === 0) await setTimeout(10);
    return { child, committed };
  };

  test('keeps what was committed', async () => {
    await cp(made, folder, { recursive: true });
    const first = await openPglite(folder);
    await first.query('create table kept as select 42 as answer');
    await first.close();
    const second = await openPglite(folder);
    await expect(second.query('select * from kept')).resolves.toEqual([{ answer: 42 }]);
    await second.close();
    await expect(readdir(dirname(folder))).resolves.toEqual(['database']);
  });

  test('is refused to this process while it has it open', async () => {
    await cp(made, folder, { recursive: true });
    const db = await openPglite(folder);
    await expect(openPglite(folder)).rejects.toMatchObject({
      code: 'ResourceInUse',
      message: `${folder} is in use by this process. Stop that one first, or choose another folder.`,
    });
    await db.close();
    await (await openPglite(folder)).close();
  });

  test('is refused while another process has it open, and loses nothing that process committed before it was killed', async () => {
    await cp(made, folder, { recursive: true });
    let known = 0;
    for (let round = 0; round < 2; round++) {
      const { child, committed } = await startWriter();
      await expect(openPglite(folder)).rejects.toMatchObject({
        code: 'ResourceInUse',
        message: `${folder} is in use by process ${child.pid}. Stop that one first, or choose another folder.`,
      });
      await setTimeout(200);
      await kill(child);
      const last = committed.at(-1)!;

      const db = await openPglite(folder);
      const rows = await db.query<{ number: number }>('select number from written order by number');
      await db.close();
      expect(last).toBeGreaterThan(known);
      expect(rows.length).toBeGreaterThanOrEqual(last);
      expect(rows.map((row) => row.number)).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
      known = rows.length;
    }
  }, 60_000);

  test('is made anew where a process was killed while it made it', async () => {
    await mkdir(`${folder}.new/base`, { recursive: true });
    await writeFile(`${folder}.new/PG_VERSION`, '18');
    const db = await openPglite(folder);
    await expect(db.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
    await db.close();
  });

  test('is refused where it holds other files, which stay', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    await expect(openPglite(folder)).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(readdir(folder)).resolves.toEqual(['thesis.txt']);
  });

  test('shortens the write-ahead log and uses the room of deleted rows again', async () => {
    await cp(made, folder, { recursive: true });
    const db = await openPglite(folder, { delayMs: 10, walLimitBytes: 1024 * 1024 });
    await db.query('create table churned as select n, repeat($1, 100) as text from generate_series(1, 20000) as n', [
      'x',
    ]);
    await db.query('delete from churned');
    await setTimeout(500);
    const [state] = await db.query(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) < 1024 * 1024 as short,
         pg_relation_size('churned')::integer as size from pg_control_checkpoint()`,
    );
    expect(state).toEqual({ short: true, size: 0 });
    await db.close();
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
