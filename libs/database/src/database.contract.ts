import { setTimeout } from 'node:timers/promises';
import type { BulkColumn } from './bulkInsert';
import type { Database } from './database';

/**
 * What every Database must do.
 * @param open opens an empty database of the suite's own
 */
export function databaseContract(name: string, open: () => Promise<Database>): void {
  describe(`${name} as a Database`, () => {
    let db: Database;

    beforeAll(async () => {
      db = await open();
    });
    beforeEach(async () => {
      await db.runScript(
        'drop table if exists account; create table account (name text primary key, balance bigint not null)',
      );
    });
    afterAll(async () => {
      await db.close();
    });

    const balances = async () => {
      const rows = await db.query<{ name: string; balance: number }>('select * from account order by name');
      return Object.fromEntries(rows.map((row) => [row.name, row.balance]));
    };
    const deposit = (account: string, balance: number) =>
      db.query('insert into account values ($1, $2)', [account, balance]);

    describe('values', () => {
      test('bigint columns, counts and arrays come back as numbers', async () => {
        const [row] = await db.query(
          'select $1::bigint as one, array[2::bigint, null] as several, (select count(*) from account) as count',
          [2 ** 53 - 1],
        );
        expect(row).toEqual({ one: 2 ** 53 - 1, several: [2, null], count: 0 });
      });

      test('a bigint that would lose digits is refused, and the database goes on', async () => {
        await expect(db.query(`select '9007199254740993'::bigint as id`)).rejects.toThrow(RangeError);
        await expect(db.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
      });

      test('jsonb takes objects, or JSON text, and comes back parsed', async () => {
        const object = { text: 'a "quoted" {brace}', list: [1, null, { deep: true }] };
        const [row] = await db.query('select $1::jsonb as object, $2::jsonb as list, $3::jsonb as bare', [
          object,
          JSON.stringify(['x', 1]),
          JSON.stringify('text'),
        ]);
        expect(row).toEqual({ object, list: ['x', 1], bare: 'text' });
      });

      test('JavaScript arrays are SQL arrays', async () => {
        const rows = await db.query(
          'select * from unnest($1::text[], $2::double precision[], $3::bigint[]) as given (word, real, whole)',
          [
            ['plain', 'with "quotes", {braces} \\ and ünïcode 🎬', null],
            [0.5, null, -1e300],
            [1, 2 ** 52, null],
          ],
        );
        expect(rows).toEqual([
          { word: 'plain', real: 0.5, whole: 1 },
          { word: 'with "quotes", {braces} \\ and ünïcode 🎬', real: null, whole: 2 ** 52 },
          { word: null, real: -1e300, whole: null },
        ]);
      });

      test('bytes stay the same, alone and in arrays', async () => {
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const [row] = await db.query<{ one: Uint8Array; first: Uint8Array; second: Uint8Array }>(
          'select $1::bytea as one, ($2::bytea[])[1] as first, ($2::bytea[])[2] as second',
          [bytes, [bytes, new Uint8Array()]],
        );
        expect(Buffer.from(row!.one).equals(bytes)).toBe(true);
        expect(Buffer.from(row!.first).equals(bytes)).toBe(true);
        expect(row!.second).toHaveLength(0);
      });
    });

    describe('errors', () => {
      test('carry the SQLSTATE, and the database goes on', async () => {
        await deposit('ada', 1);
        await expect(deposit('ada', 2)).rejects.toMatchObject({ code: '23505' });
        await expect(balances()).resolves.toEqual({ ada: 1 });
      });
    });

    describe('scripts', () => {
      test('run all their statements', async () => {
        await db.runScript(`insert into account values ('ada', 1); insert into account values ('bob', 2);`);
        await expect(balances()).resolves.toEqual({ ada: 1, bob: 2 });
      });

      test('leave nothing behind where one statement fails', async () => {
        await expect(
          db.runScript(`insert into account values ('ada', 1); insert into account values ('ada', 2);`),
        ).rejects.toMatchObject({ code: '23505' });
        await expect(balances()).resolves.toEqual({});
      });
    });

    describe('many rows', () => {
      interface Row {
        word?: string;
        whole?: number;
        large?: number;
        real?: number;
        list?: string[];
        object?: unknown;
      }
      const columns: BulkColumn<Row>[] = [
        { name: 'word', type: 'text', of: (row) => row.word },
        { name: 'whole', type: 'integer', of: (row) => row.whole },
        { name: 'large', type: 'bigint', of: (row) => row.large },
        { name: 'real', type: 'double precision', of: (row) => row.real },
        { name: 'list', type: 'text[]', of: (row) => row.list },
        { name: 'object', type: 'jsonb', of: (row) => row.object },
      ];
      beforeEach(() =>
        db.runScript(`drop table if exists bulk; create table bulk (
          place integer generated always as identity, word text, whole integer, large bigint, real double precision,
          list text[], object jsonb
        )`),
      );
      const stored = () => db.query('select word, whole, large, real, list, object from bulk order by place');

      test('are inserted in their order, with every value as it is', async () => {
        const odd = ['', ' ', '\\N', '\\.', 'a\tb\nc\rd\\e', '"quoted", {braced} NULL', 'ünï 観客 🎬', "it's"];
        const rows: Row[] = [
          ...odd.map((word) => ({ word, list: [word, word], object: { [word]: [word] } })),
          { whole: -1, large: 2 ** 53 - 1, real: 1e-300, list: [], object: 'text' },
          { whole: 0, large: -(2 ** 53 - 1), real: -0.1, object: [1, null] },
          {},
        ];
        await db.insertRows('bulk', columns, rows);
        const absent = { word: null, whole: null, large: null, real: null, list: null, object: null };
        await expect(stored()).resolves.toEqual(rows.map((row) => ({ ...absent, ...row })));
      });

      test('may be none', async () => {
        await db.insertRows('bulk', columns, []);
        await expect(stored()).resolves.toEqual([]);
      });

      test('are inserted all, or none where one is refused, and the database goes on', async () => {
        const rows = [{ whole: 1 }, { whole: 2 ** 31 }];
        await expect(db.insertRows('bulk', columns, rows)).rejects.toMatchObject({ code: '22003' });
        await expect(stored()).resolves.toEqual([]);
      });

      test('belong to their transaction', async () => {
        const work = db.transaction(async (transaction) => {
          await transaction.insertRows('bulk', columns, [{ whole: 1 }]);
          throw new Error('changed my mind');
        });
        await expect(work).rejects.toThrow('changed my mind');
        await expect(stored()).resolves.toEqual([]);
      });
    });

    describe('rows that are COPY text already', () => {
      async function* chunks(count: number, failure?: Error) {
        for (let chunk = 0; chunk < count; chunk++) yield `name-${chunk}\t${chunk}\nother-${chunk}\t-1\n`;
        if (failure) throw failure;
      }
      const count = async () => Object.keys(await balances()).length;

      test('are inserted as they come', async () => {
        await db.copyRows('account', ['name', 'balance'], chunks(3));
        await expect(balances()).resolves.toMatchObject({ 'name-2': 2, 'other-0': -1 });
        await db.copyRows('account', ['name', 'balance'], chunks(0));
        await expect(count()).resolves.toBe(6);
      });

      test('are none where their source throws, which the caller gets; and the database goes on', async () => {
        const failure = new Error('the file ends too early');
        await expect(db.copyRows('account', ['name', 'balance'], chunks(3, failure))).rejects.toBe(failure);
        await expect(count()).resolves.toBe(0);
        const work = db.transaction((transaction) =>
          transaction.copyRows('account', ['name', 'balance'], chunks(500, failure)),
        );
        await expect(work).rejects.toBe(failure);
        await expect(count()).resolves.toBe(0);
      });

      test('are none where one is refused', async () => {
        await deposit('name-1', 1);
        await expect(db.copyRows('account', ['name', 'balance'], chunks(3))).rejects.toMatchObject({ code: '23505' });
        await expect(count()).resolves.toBe(1);
      });
    });

    describe('transactions', () => {
      test('are committed when the work resolves, and give its result', async () => {
        const result = await db.transaction(async (transaction) => {
          await transaction.query(`insert into account values ('ada', 1)`);
          return 'done';
        });
        expect(result).toBe('done');
        await expect(balances()).resolves.toEqual({ ada: 1 });
      });

      test('are rolled back when the work rejects, and reject with its error', async () => {
        const work = db.transaction(async (transaction) => {
          await transaction.query(`insert into account values ('ada', 1)`);
          throw new Error('changed my mind');
        });
        await expect(work).rejects.toThrow('changed my mind');
        await expect(balances()).resolves.toEqual({});
      });

      test('reject where a statement failed and the work went on', async () => {
        const work = db.transaction(async (transaction) => {
          await transaction.query(`insert into account values ('ada', 1)`);
          await transaction.query('select 1 / 0').catch(() => {});
        });
        await expect(work).rejects.toThrow();
        await expect(balances()).resolves.toEqual({});
      });

      test('do not see each other half done', async () => {
        await deposit('ada', 0);
        const increment = () =>
          db.transaction(async (transaction) => {
            const [row] = await transaction.query<{ balance: number }>('select balance from account for update');
            await setTimeout(1);
            await transaction.query('update account set balance = $1', [row!.balance + 1]);
          });
        await Promise.all(Array.from({ length: 10 }, increment));
        await expect(balances()).resolves.toEqual({ ada: 10 });
      });

      test('show nobody what they may still roll back', async () => {
        let seen: Promise<Record<string, number>> | undefined;
        const work = db.transaction(async (transaction) => {
          await transaction.query(`insert into account values ('ada', 1)`);
          seen = balances();
          await setTimeout(10);
          throw new Error('changed my mind');
        });
        await expect(work).rejects.toThrow('changed my mind');
        await expect(seen).resolves.toEqual({});
      });

      test('can not be used after their end', async () => {
        const transaction = await db.transaction(async (each) => each);
        await expect(transaction.query('select 1')).rejects.toThrow();
      });
    });

    describe('streams', () => {
      const readAll = async (batches: AsyncIterable<{ n: number }[]>) => {
        const sizes: number[] = [];
        const numbers: number[] = [];
        for await (const batch of batches) {
          sizes.push(batch.length);
          numbers.push(...batch.map((row) => row.n));
        }
        return { sizes, numbers };
      };
      const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

      test.each([
        { rows: 0, sizes: [] },
        { rows: 6, sizes: [3, 3] },
        { rows: 7, sizes: [3, 3, 1] },
      ])('give $rows rows in batches of at most 3, in order', async ({ rows, sizes }) => {
        const batches = db.stream<{ n: number }>(
          'select n from generate_series(1, $1::integer) as n order by n',
          [rows],
          3,
        );
        await expect(readAll(batches)).resolves.toEqual({ sizes, numbers: oneTo(rows) });
      });

      test('show one moment, and let other queries run meanwhile', async () => {
        await deposit('ada', 1);
        await deposit('bob', 2);
        const seen: string[] = [];
        for await (const [row] of db.stream<{ name: string }>('select name from account order by name', [], 1)) {
          seen.push(row!.name);
          await deposit(`later than ${row!.name}`, 0);
        }
        expect(seen).toEqual(['ada', 'bob']);
        await expect(balances()).resolves.toMatchObject({ 'later than ada': 0, 'later than bob': 0 });
      });

      test('may run side by side', async () => {
        const stream = () => db.stream<{ n: number }>('select n from generate_series(1, 100) as n order by n', [], 7);
        const both = await Promise.all([readAll(stream()), readAll(stream())]);
        expect(both.map(({ numbers }) => numbers)).toEqual([oneTo(100), oneTo(100)]);
      });

      test('may be left early, as often as one likes', async () => {
        for (let round = 0; round < 50; round++) {
          for await (const batch of db.stream('select n from generate_series(1, 1000) as n', [], 10)) {
            expect(batch).toHaveLength(10);
            break;
          }
        }
        await deposit('ada', 1);
        await expect(balances()).resolves.toEqual({ ada: 1 });
      });

      test('reject with the error of their query, and the database goes on', async () => {
        await expect(readAll(db.stream('select 1 / 0 as n', [], 10))).rejects.toMatchObject({ code: '22012' });
        await expect(readAll(db.stream('select n from nowhere', [], 10))).rejects.toMatchObject({ code: '42P01' });
        await expect(balances()).resolves.toEqual({});
      });
    });

    // The last test, because it closes the database of the others.
    test('rejects queries once it is closed; closing it again changes nothing', async () => {
      await db.close();
      await db.close();
      await expect(db.query('select 1')).rejects.toThrow();
      await expect(db.transaction(async () => {})).rejects.toThrow();
    });
  });
}
