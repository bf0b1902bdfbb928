import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openCsvFile } from './csvFile';
import { readRows } from './csvImport';
import { CsvImportError } from './csvProblems';
import { interactionsShape, itemsShape } from './csvShapes';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-csv-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function readInteractions(content: string | Uint8Array, name = 'clicks.csv') {
  const path = join(folder, name);
  await writeFile(path, content);
  const rows = [];
  for await (const batch of readRows(await openCsvFile(path), interactionsShape, () => {})) rows.push(...batch);
  return rows;
}

async function problemsOf(content: string | Uint8Array, name?: string) {
  const error = await readInteractions(content, name).catch((thrown: unknown) => thrown);
  if (!(error instanceof CsvImportError)) throw new Error(`expected a CsvImportError, got ${String(error)}`);
  return error;
}

describe('reading interactions', () => {
  test('takes the reserved columns in any order, and further ones as properties', async () => {
    const rows = await readInteractions(
      'TIMESTAMP,ITEM_ID,USER_ID,EVENT_TYPE,EVENT_VALUE,IMPRESSION,DEVICE_TYPE\n1700000000,i1,u1,click,2.5,i1|i2,phone\n',
    );
    expect(rows).toEqual([
      {
        userId: 'u1',
        itemId: 'i1',
        timestamp: 1_700_000_000_000,
        eventType: 'click',
        eventValue: 2.5,
        impression: ['i1', 'i2'],
        properties: { deviceType: 'phone' },
      },
    ]);
  });

  test('reads gzip, a byte order mark, Windows line ends and quoted fields', async () => {
    const text = '\uFEFFUSER_ID,ITEM_ID,TIMESTAMP\r\n"u,1","say ""hi""",1\r\n';
    const rows = await readInteractions(gzipSync(text), 'clicks.csv.gz');
    expect(rows).toMatchObject([{ userId: 'u,1', itemId: 'say "hi"', timestamp: 1000 }]);
  });

  test('tells how much of the file was read', async () => {
    const path = join(folder, 'progress.csv');
    const content = `USER_ID,ITEM_ID,TIMESTAMP\n${'u,i,1\n'.repeat(50_000)}`;
    await writeFile(path, content);
    let bytes = 0;
    const batches = [];
    for await (const batch of readRows(await openCsvFile(path), interactionsShape, (read) => (bytes += read))) {
      batches.push(batch.length);
    }
    expect(bytes).toBe(content.length);
    expect(batches).toEqual([10_000, 10_000, 10_000, 10_000, 10_000]);
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
      'clicks.csv:2, column USER_ID: got "", expected an id, not an empty field.',
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
    expect((await problemsOf('USER_ID\n', 'plain.csv.gz')).message).toContain('expected a gzip file');
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

  test('a file that is not there is named', async () => {
    await expect(openCsvFile(join(folder, 'none.csv'))).rejects.toThrow('there is no such file');
  });
});

test('item metadata keeps the names of its columns', async () => {
  const path = join(folder, 'items.csv');
  await writeFile(path, 'ITEM_ID,CREATION_TIMESTAMP,TITLE,GENRES\ni1,1700000000,Alien,Horror|Sci-Fi\ni2,,Heat,\n');
  const rows = [];
  for await (const batch of readRows(await openCsvFile(path), itemsShape, () => {})) rows.push(...batch);
  expect(rows).toEqual([
    { itemId: 'i1', createdAt: 1_700_000_000_000, metadata: { TITLE: 'Alien', GENRES: 'Horror|Sci-Fi' } },
    { itemId: 'i2', metadata: { TITLE: 'Heat' } },
  ]);
});
