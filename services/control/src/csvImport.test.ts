import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Database, migrate, openPglite } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { emptyTables } from '@attune/testing';
import { openCsvFile } from './csvFile';
import { CsvImportError } from './csvProblems';
import type { ParsedSchema } from './datasetSchema';
import { importFiles } from './importFiles';

const GROUP = datasetGroupName('shop');
const INTERACTIONS: ParsedSchema = { kind: 'interactions', columns: [] };

let folder: string;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-csv-'));
  database = await openPglite();
  await migrate(database);
});
beforeEach(async () => {
  await emptyTables(database);
  await database.query(`insert into dataset_group (name, created_ms, updated_ms) values ($1, 1, 1)`, [GROUP]);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, content);
  return openCsvFile(path);
}

async function importCsv(
  content: string | Uint8Array,
  { name = 'clicks.csv', schema = INTERACTIONS, mode = 'FULL' as 'FULL' | 'INCREMENTAL' } = {},
) {
  const files = [await file(name, content)];
  return database.transaction((transaction) =>
    importFiles(transaction, { datasetGroup: GROUP, schema, files, mode }, {}),
  );
}

const stored = (columns: string, table = 'interaction', order = 'id') =>
  database.query(`select ${columns} from ${table} order by ${order}`);

async function problemsOf(content: string | Uint8Array, options?: Parameters<typeof importCsv>[1]) {
  const error = await importCsv(content, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof CsvImportError)) throw new Error(`expected a CsvImportError, got ${String(error)}`);
  return error;
}

describe('interactions', () => {
  test('may have the reserved columns in any order, and further ones as properties', async () => {
    await importCsv(
      'TIMESTAMP,ITEM_ID,USER_ID,EVENT_TYPE,EVENT_VALUE,IMPRESSION,RECOMMENDATION_ID,DEVICE_TYPE\n1700000000,i1,u1,click,2.5,i1|i2,r1,phone\n2,i,u,,,,,\n',
    );
    const columns =
      'dataset_group, user_id, history_key, item_id, timestamp_ms, event_type, event_value, impression, recommendation_id, properties, event_id';
    const absent = { event_value: null, impression: null, recommendation_id: null, properties: null };
    await expect(stored(columns)).resolves.toEqual([
      {
        dataset_group: 'shop',
        user_id: 'u1',
        history_key: 'u1',
        item_id: 'i1',
        timestamp_ms: 1_700_000_000_000,
        event_type: 'click',
        event_value: 2.5,
        impression: ['i1', 'i2'],
        recommendation_id: 'r1',
        properties: { deviceType: 'phone' },
        event_id: null,
      },
      {
        ...{ dataset_group: 'shop', user_id: 'u', history_key: 'u', item_id: 'i', timestamp_ms: 2000 },
        ...{ ...absent, event_type: 'interaction', event_id: null },
      },
    ]);
  });

  test('may be gzip, with a byte order mark, Windows line ends, empty lines and quoted fields', async () => {
    const text = '\uFEFFUSER_ID,ITEM_ID,TIMESTAMP\r\n\r\nplain,a\\b\tc,1\r\n"u,1","say ""hi""\nthere",2';
    await importCsv(gzipSync(text), { name: 'clicks.csv.gz' });
    await expect(stored('user_id, item_id, timestamp_ms')).resolves.toEqual([
      { user_id: 'plain', item_id: 'a\\b\tc', timestamp_ms: 1000 },
      { user_id: 'u,1', item_id: 'say "hi"\nthere', timestamp_ms: 2000 },
    ]);
  });

  test('are the same with and without quotes, wherever the first quote is', async () => {
    const line = (row: number) => `user-${row % 97},käse-${row % 13},${row}\n`;
    const header = 'USER_ID,ITEM_ID,TIMESTAMP\n';
    const rows = Array.from({ length: 60_000 }, (_, row) => line(row));
    await expect(importCsv(header + rows.join(''))).resolves.toBe(60_000);
    const digest = () =>
      stored(`md5(string_agg(user_id || item_id || timestamp_ms, ';' order by id)) as digest`, 'interaction', '1');
    const plain = await digest();
    const quoted = rows.map((row, index) => (index > 40_000 ? row.replace(/^[^,]+/, '"$&"') : row));
    await expect(importCsv(header + quoted.join(''))).resolves.toBe(60_000);
    await expect(digest()).resolves.toEqual(plain);
    const broken = [...quoted.slice(0, 50_000), 'u,i,soon\n'];
    expect((await problemsOf(header + broken.join(''))).problems).toMatchObject([{ line: 50_002, value: 'soon' }]);
  });

  test('are added, or take the place of those imported before', async () => {
    const rows = 'USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n';
    for (const mode of ['FULL', 'INCREMENTAL'] as const) await importCsv(rows, { mode });
    await expect(stored('item_id')).resolves.toHaveLength(2);
    await importCsv(rows);
    await expect(stored('item_id')).resolves.toHaveLength(1);
  });
});

describe('a schema', () => {
  const column = (name: string, type: string, more = {}) =>
    ({ name, type, nullable: true, categorical: false, textual: false, ...more }) as ParsedSchema['columns'][number];
  const items: ParsedSchema = {
    kind: 'items',
    columns: [
      column('ITEM_ID', 'string', { nullable: false }),
      column('Genres', 'string', { nullable: false, categorical: true }),
      column('PRICE', 'float'),
      column('PAGES', 'int'),
      column('IN_PRINT', 'boolean'),
      column('CREATION_TIMESTAMP', 'long'),
    ],
  };
  const importItems = (content: string) => importCsv(content, { name: 'items.csv', schema: items });

  test('gives values their types, and names their case', async () => {
    await importItems(
      'ITEM_ID,CREATION_TIMESTAMP,genres,price,pages,in_print,EXTRA\ni2,,War,,,,\ni1,7,Horror|Sci-Fi,2.50,-3,TRUE,x\ni2,,Drama,1e2,,false,\n',
    );
    await expect(stored('item_id, creation_ms, metadata, put', 'item', 'item_id')).resolves.toEqual([
      {
        item_id: 'i1',
        creation_ms: 7000,
        metadata: { Genres: 'Horror|Sci-Fi', PRICE: 2.5, PAGES: -3, IN_PRINT: true, EXTRA: 'x' },
        put: false,
      },
      { item_id: 'i2', creation_ms: null, metadata: { Genres: 'Drama', PRICE: 100, IN_PRINT: false }, put: false },
    ]);
  });

  test.each([
    ['ITEM_ID\ni\n', 'items.csv:1, column GENRES: got "ITEM_ID", expected a header with the column GENRES.'],
    ['ITEM_ID,GENRES\ni,\n', 'items.csv:2, column Genres: got "", expected a value, not an empty field.'],
    ['ITEM_ID,GENRES,PRICE\ni,a,1e999\n', 'column PRICE: got "1e999", expected a number'],
    ['ITEM_ID,GENRES,PAGES\ni,a,2147483648\n', 'column PAGES: got "2147483648", expected a whole number'],
    ['ITEM_ID,GENRES,IN_PRINT\ni,a,yes\n', 'column IN_PRINT: got "yes", expected true or false.'],
    [`ITEM_ID,GENRES\ni,${'g'.repeat(1001)}\n`, 'expected text of at most 1000 characters.'],
  ])('is held against %j', async (content, message) => {
    await expect(importItems(content)).rejects.toThrow(message);
  });
});

describe('a file that is wrong', () => {
  test.each([
    [
      'a missing column',
      'USER_ID,ITEM_ID\nu,i\n',
      'clicks.csv:1, column TIMESTAMP: got "USER_ID,ITEM_ID", expected a header with the column TIMESTAMP.',
    ],
    [
      'a bad timestamp',
      'USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\nu,i,yesterday\n',
      'clicks.csv:3, column TIMESTAMP: got "yesterday", expected Unix time in whole seconds, for example 1700000000.',
    ],
    [
      'milliseconds',
      'USER_ID,ITEM_ID,TIMESTAMP\nu,i,1700000000000\n',
      'clicks.csv:2, column TIMESTAMP: got "1700000000000", expected Unix time in whole seconds, for example 1700000000 (this looks like milliseconds).',
    ],
    [
      'an empty id',
      'USER_ID,ITEM_ID,TIMESTAMP\n,i,1\n',
      'clicks.csv:2, column USER_ID: got "", expected a value, not an empty field.',
    ],
    ['a long id', `USER_ID,ITEM_ID,TIMESTAMP\nu,${'i'.repeat(257)},1\n`, 'expected an id of at most 256 characters.'],
    [
      'a value that is no number',
      'USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\nu,i,1,much\n',
      'clicks.csv:2, column EVENT_VALUE: got "much", expected a number, for example 4.5.',
    ],
    ['a field too few', 'USER_ID,ITEM_ID,TIMESTAMP\nu,i\n', 'clicks.csv:2: expected 3 fields as in the header, not 2.'],
    [
      'a quote that is not closed',
      'USER_ID,ITEM_ID,TIMESTAMP\n"u,i,1\nu,i,2\n',
      'expected a closing quote before the end of the file',
    ],
    [
      'a quote inside a field',
      'USER_ID,ITEM_ID,TIMESTAMP\nu,i "x" y,1\n',
      'clicks.csv:2: expected quotes around the whole field, or none',
    ],
    [
      'a column twice',
      'USER_ID,ITEM_ID,TIMESTAMP,ITEM_ID\nu,i,1,i\n',
      'clicks.csv:1, column ITEM_ID: expected each column once.',
    ],
    ['an empty file', '', 'clicks.csv:1: expected a header with USER_ID, ITEM_ID, TIMESTAMP, not an empty file.'],
  ])('%s is named with file, line, column and value', async (_what, content, message) => {
    expect((await problemsOf(content)).message).toContain(message);
  });

  test('what is called gzip but is none is said to be none', async () => {
    expect((await problemsOf('USER_ID\n', { name: 'plain.csv.gz' })).message).toContain('expected a gzip file');
  });

  test('lists up to 100 problems, each line of them', async () => {
    const error = await problemsOf(`USER_ID,ITEM_ID,TIMESTAMP\n${'u,,never\n'.repeat(300)}`);
    expect(error.problems).toHaveLength(100);
    expect(error.problems.slice(0, 4).map(({ line, column }) => [line, column])).toEqual([
      [2, 'ITEM_ID'],
      [2, 'TIMESTAMP'],
      [3, 'ITEM_ID'],
      [3, 'TIMESTAMP'],
    ]);
  });

  test('bytes that are no text are said to be none', async () => {
    const text = Buffer.from('USER_ID,ITEM_ID,TIMESTAMP\nJos\xe9,i,1\n', 'latin1');
    expect((await problemsOf(text)).message).toContain('expected UTF-8 text');
  });

  test('leaves what was there, however much of it was written', async () => {
    await importCsv('USER_ID,ITEM_ID,TIMESTAMP\nbefore,i,1\n');
    await problemsOf(`USER_ID,ITEM_ID,TIMESTAMP\n${'u,i,1\n'.repeat(50_000)}u,i,never\n`);
    await expect(stored('user_id')).resolves.toEqual([{ user_id: 'before' }]);
  });

  test('a file that is not there is named', async () => {
    await expect(openCsvFile(join(folder, 'none.csv'))).rejects.toThrow('there is no such file');
  });
});
