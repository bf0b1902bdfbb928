import { setTimeout } from 'node:timers/promises';
import { UnavailableError } from '@attune/domain';
import { describeOnOwnServers } from '@attune/testing';
import type { Database } from './database';
import { migrate } from './migrate';
import { openPostgres } from './postgres';

const UNAVAILABLE = { code: 'Unavailable', cause: expect.any(Error) };

async function untilBack(db: Database): Promise<void> {
  for (;;) {
    try {
      await db.query('select 1');
      return;
    } catch (error) {
      expect(error).toBeInstanceOf(UnavailableError);
      await setTimeout(50);
    }
  }
}

describeOnOwnServers('A PostgreSQL that goes away', { postgres: {} }, (servers) => {
  let db: Database;

  beforeEach(async () => {
    db = await openPostgres({ url: servers.postgres.url });
    await db.runScript('drop table if exists account; create table account (name text primary key)');
  });
  afterEach(async () => {
    await db.close();
  });

  const names = async () => (await db.query<{ name: string }>('select name from account')).map(({ name }) => name);

  test('rejects what is in hand and what comes meanwhile, and is used again when it is back', async () => {
    const sleeping = expect(db.query('select pg_sleep(60)')).rejects.toMatchObject(UNAVAILABLE);
    await setTimeout(100);
    await servers.postgres.faults.kill();
    await sleeping;
    await expect(db.query('select 1')).rejects.toMatchObject(UNAVAILABLE);
    await expect(db.transaction(async () => {})).rejects.toMatchObject(UNAVAILABLE);
    await servers.postgres.faults.start();
    await untilBack(db);
    await expect(Promise.all(Array.from({ length: 20 }, names))).resolves.toHaveLength(20);
  });

  test('keeps nothing of a transaction that it was lost in', async () => {
    const work = db.transaction(async (transaction) => {
      await transaction.query(`insert into account values ('ada')`);
      await servers.postgres.faults.kill();
      await transaction.query(`insert into account values ('bob')`);
    });
    await expect(work).rejects.toMatchObject(UNAVAILABLE);
    await servers.postgres.faults.start();
    await untilBack(db);
    await expect(names()).resolves.toEqual([]);
  });

  test('ends a stream with an error', async () => {
    const read = async () => {
      for await (const _ of db.stream('select n from generate_series(1, 100) as n', [], 10)) {
        await servers.postgres.faults.kill();
      }
    };
    await expect(read()).rejects.toMatchObject(UNAVAILABLE);
    await servers.postgres.faults.start();
    await untilBack(db);
  });

  test('can not be opened while it is away', async () => {
    await servers.postgres.faults.kill();
    await expect(openPostgres({ url: servers.postgres.url })).rejects.toMatchObject(UNAVAILABLE);
    await servers.postgres.faults.start();
    await untilBack(db);
  });

  test('loses a single connection without the others noticing', async () => {
    const other = await openPostgres({ url: servers.postgres.url, applicationName: 'victim' });
    const sleeping = expect(other.query('select pg_sleep(60)')).rejects.toMatchObject(UNAVAILABLE);
    await setTimeout(100);
    await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`);
    await sleeping;
    await expect(other.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
    await other.close();
  });

  test('ends a statement that takes too long, and goes on', async () => {
    const impatient = await openPostgres({ url: servers.postgres.url, statementTimeoutMs: 100 });
    await expect(impatient.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await expect(impatient.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
    await impatient.close();
  });

  test('lets a migration wait for another as long as it takes', async () => {
    const impatient = await openPostgres({ url: servers.postgres.url, statementTimeoutMs: 50 });
    let waited = false;
    await db
      .transaction(async (transaction) => {
        await transaction.query('select pg_advisory_xact_lock(4126883)');
        const migrating = migrate(impatient).then(() => {
          waited = true;
        });
        await setTimeout(200);
        expect(waited).toBe(false);
        return { migrating };
      })
      .then(({ migrating }) => migrating);
    await impatient.close();
  });

  test('has a limit to its connections, beyond which queries wait', async () => {
    const narrow = await openPostgres({ url: servers.postgres.url, poolSize: 2, connectTimeoutMs: 300 });
    const sleeping = [1, 2].map(() => narrow.query('select pg_sleep(0.1)'));
    await expect(narrow.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
    await Promise.all(sleeping);
    const longer = [1, 2].map(() => narrow.query('select pg_sleep(0.6)'));
    await expect(narrow.query('select 1')).rejects.toMatchObject(UNAVAILABLE);
    await Promise.all(longer);
    await narrow.close();
  });

  test('may be closed while queries are in hand and others wait for a connection', async () => {
    const narrow = await openPostgres({ url: servers.postgres.url, poolSize: 1 });
    const inHand = [1, 2, 3].map((n) => narrow.query('select $1::integer as n, pg_sleep(0.05)::text', [n]));
    await narrow.close();
    await expect(Promise.all(inHand)).resolves.toHaveLength(3);
  });
});

describeOnOwnServers('An encrypted PostgreSQL', { postgres: { secure: true } }, (servers) => {
  test('needs the certificate and the password', async () => {
    const { url } = servers.postgres;
    const ca = servers.postgres.ca!;
    const db = await openPostgres({ url, tls: { ca } });
    await expect(db.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).resolves.toEqual([
      { ssl: true },
    ]);
    await db.close();
    await expect(openPostgres({ url })).rejects.toMatchObject({ code: '28000' });
    await expect(openPostgres({ url, tls: {} })).rejects.toThrow('self-signed certificate');
    await expect(openPostgres({ url, tls: { ca }, password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  });
});

describe('The settings of PostgreSQL', () => {
  test.each([
    'localhost',
    'http://user:secret@localhost/db',
    'postgres://localhost/db',
    'postgres://user:secret@localhost',
  ])('refuse the URL %s without repeating its password', async (url) => {
    const refused = openPostgres({ url });
    await expect(refused).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(refused).rejects.not.toThrow('secret');
  });

  test('refuse parameters in the URL, which would not take effect', async () => {
    await expect(openPostgres({ url: 'postgres://user@localhost/db?sslmode=require' })).rejects.toThrow('sslmode');
  });
});
