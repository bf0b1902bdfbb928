import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readAccuracyData } from './accuracyData';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-accuracy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const CLICKS =
  'user_id,ITEM_ID,TIMESTAMP,EVENT_TYPE,DEVICE\nu1,i1,20,click,phone\nu1,i2,10,click,phone\nu2,i1,5,buy,phone\n';

test('columns in any order and case, gzip or not, make the same dataset', async () => {
  const plain = await readAccuracyData({ interactions: await file('a.csv', CLICKS) });
  const packed = await readAccuracyData({ interactions: await file('a.csv.gz', gzipSync(CLICKS)) });
  expect(packed).toEqual(plain);
  const { userIds, itemIds, items, timestamps, eventTypes, metadata } = plain.dataset;
  expect({ userIds, itemIds, eventTypes }).toEqual({
    userIds: ['u1', 'u2'],
    itemIds: ['i1', 'i2'],
    eventTypes: ['click', 'buy'],
  });
  expect([...items]).toEqual([1, 0, 0]);
  expect([...timestamps]).toEqual([10_000, 20_000, 5_000]);
  expect(metadata.interactions.map(({ name }) => name)).toEqual(['DEVICE']);
});

test('metadata of items and users is taken, of those that there are interactions of', async () => {
  const { dataset } = await readAccuracyData({
    interactions: await file('a.csv', CLICKS),
    items: await file('items.csv', 'ITEM_ID,GENRES\ni1,Action|Comedy\ni9,Drama\n'),
    users: await file('users.csv', 'USER_ID,PLAN\nu2,free|monthly\nu9,paid\n'),
  });
  expect(dataset.itemIds).toEqual(['i1', 'i2']);
  expect(dataset.metadata.items.map(({ name }) => name)).toEqual(['GENRES']);
  expect(dataset.metadata.users.map(({ name }) => name)).toEqual(['PLAN']);
});

test('the held-out items of a published split are read', async () => {
  const { heldOut } = await readAccuracyData({
    interactions: await file('a.csv', CLICKS),
    split: await file('split.csv', 'USER_ID,VALID_ITEM,TEST_ITEM\nu1,i1,i2\n'),
  });
  expect(heldOut).toEqual(new Map([['u1', { validation: 'i1', test: 'i2' }]]));
});

test.each<[string, string | Buffer, string, string]>([
  ['no header', '', 'a.csv', 'a.csv is empty. Expected a header with USER_ID, ITEM_ID, TIMESTAMP.'],
  ['no interactions', 'USER_ID,ITEM_ID,TIMESTAMP\n', 'a.csv', 'has no interactions'],
  ['a missing column', 'USER_ID,ITEM_ID\n', 'a.csv', 'a.csv:1: the header has no TIMESTAMP.'],
  ['a column twice', 'USER_ID,ITEM_ID,TIMESTAMP,item_id\n', 'a.csv', 'a.csv:1: the header has ITEM_ID twice.'],
  [
    'a long line',
    'USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n1,2,3,4\n',
    'a.csv',
    'a.csv:3: the line has 4 fields, the header 3.',
  ],
  [
    'no time',
    'USER_ID,ITEM_ID,TIMESTAMP\n1,2,noon\n',
    'a.csv',
    'a.csv:2, column TIMESTAMP: got "noon", expected Unix seconds.',
  ],
  ['no id', 'USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n,2,3\n', 'a.csv', 'a.csv:3, column USER_ID: got "", expected an id.'],
  [
    'a value in words',
    'USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\n1,2,3,many\n',
    'a.csv',
    'column EVENT_VALUE: got "many"',
  ],
  ['an open quote', 'USER_ID,ITEM_ID,TIMESTAMP\n"1,2,3\n', 'a.csv', "a.csv can't be read:"],
  ['no gzip', CLICKS, 'a.csv.gz', "a.csv.gz can't be read: incorrect header check"],
  ['half a gzip', gzipSync(CLICKS).subarray(0, 60), 'a.csv.gz', "a.csv.gz can't be read:"],
])('%s is refused, with where it is', async (_what, content, name, message) => {
  await expect(readAccuracyData({ interactions: await file(name, content) })).rejects.toThrow(message);
});

test('all problems are listed, up to a hundred', async () => {
  const lines = Array.from({ length: 130 }, () => ',,x\n').join('');
  const reading = readAccuracyData({ interactions: await file('a.csv', `USER_ID,ITEM_ID,TIMESTAMP\n${lines}`) });
  await expect(reading).rejects.toThrow('(and 290 more)');
});

test('a file that is not there is named', async () => {
  await expect(readAccuracyData({ interactions: join(folder, 'none.csv') })).rejects.toThrow(
    "none.csv can't be read: ENOENT",
  );
});
