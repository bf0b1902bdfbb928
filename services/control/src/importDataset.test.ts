import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@attune/bus';
import { openEmbeddedLog, topics } from '@attune/bus';
import type { Database } from '@attune/database';
import { archiveInteractions, migrate, openPglite } from '@attune/database';
import { datasetGroupName, eventId, itemId, sessionId } from '@attune/domain';
import { createLogger } from '@attune/service';
import { ensureDatasetGroup } from './ensureDatasetGroup';
import { type ImportProgress, importDataset } from './importDataset';

const GROUP = datasetGroupName('shop');
const HEADER = 'USER_ID,ITEM_ID,TIMESTAMP\n';

let folder: string;
let database: Database;
let bus: Bus;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-import-'));
  database = await openPglite();
  await migrate(database);
  bus = await openEmbeddedLog({ database, logger: createLogger({ service: 'test', level: 'silent' }) });
  await ensureDatasetGroup({ database, now: Date.now, scope: { region: 'us-east-1', accountId: '0' } }, GROUP);
});

afterAll(async () => {
  await bus.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await database.query('delete from interaction');
  await database.query('delete from item');
});

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const clicks = (rows: number) =>
  `${HEADER}${Array.from({ length: rows }, (_, row) => `u${row % 50},i${row % 7},${row}\n`).join('')}`;

async function stored(): Promise<{ interactions: number; items: number }> {
  const [row] = await database.query<{ interactions: number; items: number }>(
    'select (select count(*) from interaction) as interactions, (select count(*) from item) as items',
  );
  return row!;
}

test('stores all the files, reports progress, and tells the bus what changed', async () => {
  const notices: string[] = [];
  const following = await bus.follow(topics.catalog, {
    from: 'end',
    onBatch: async ({ messages }) =>
      void notices.push(...messages.map(({ value }) => `${value.datasetGroup} ${value.kind}`)),
  });
  const progress: ImportProgress[] = [];
  const files = {
    interactions: await file('clicks.csv', clicks(1500)),
    items: await file('items.csv', 'ITEM_ID,TITLE\ni0,Zero\ni1,One\ni1,"One, again"\n'),
  };
  const summary = await importDataset({ database, bus, now: Date.now }, { datasetGroup: GROUP, files }, (each) =>
    progress.push(each),
  );
  expect(summary).toEqual({ interactions: 1500, items: 3, users: 0 });
  expect(await stored()).toEqual({ interactions: 1500, items: 2 });
  expect(progress.at(0)?.dataset).toBe('interactions');
  expect(progress.at(-1)).toEqual({ dataset: 'items', fraction: 1 });
  for (let wait = 0; wait < 100 && notices.length < 2; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  await following.stop();
  expect(notices).toEqual(['shop interactions', 'shop items']);
});

test('replaces an earlier import, and keeps what streamed in', async () => {
  await archiveInteractions(database, [
    {
      event: {
        datasetGroup: GROUP,
        eventId: eventId('e1'),
        sessionId: sessionId('s1'),
        eventType: 'click',
        itemId: itemId('i1'),
        timestamp: 1,
        receivedAt: 2,
      },
      partition: 0,
      offset: 0,
    },
  ]);
  const interactions = await file('clicks.csv', clicks(1200));
  const parts = { database, bus, now: Date.now };
  await importDataset(parts, { datasetGroup: GROUP, files: { interactions } });
  await importDataset(parts, { datasetGroup: GROUP, files: { interactions } });
  expect((await stored()).interactions).toBe(1201);
});

test.each([
  ['a bad row at the end', { interactions: `${clicks(30_000)}u1,i1,soon\n` }, 'column TIMESTAMP: got "soon"'],
  ['a second file that is wrong', { interactions: clicks(1500), items: 'NAME\nx\n' }, 'the column ITEM_ID'],
  ['too few interactions', { interactions: clicks(999) }, 'it has 999 interactions, and at least 1000 are needed'],
])('%s leaves everything as it was', async (_what, contents, message) => {
  const parts = { database, bus, now: Date.now };
  await importDataset(parts, { datasetGroup: GROUP, files: { interactions: await file('good.csv', clicks(1100)) } });
  const files = {
    interactions: await file('clicks.csv', contents.interactions),
    ...('items' in contents && { items: await file('items.csv', contents.items) }),
  };
  await expect(importDataset(parts, { datasetGroup: GROUP, files })).rejects.toThrow(message);
  expect(await stored()).toEqual({ interactions: 1100, items: 0 });
});
