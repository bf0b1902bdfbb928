import { openPglite } from './pglite';

/** Inserts the numbers after those that are there, and sends each to the parent process once it is committed. */
async function write(folder: string): Promise<void> {
  const db = await openPglite(folder);
  await db.query('create table if not exists written (number integer primary key)');
  for (;;) {
    const [row] = await db.query<{ number: number }>(
      'insert into written select coalesce(max(number), 0) + 1 from written returning number',
    );
    await new Promise((resolve) => process.send!(row!.number, resolve));
  }
}

void write(process.argv[2]!);
