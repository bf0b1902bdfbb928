import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadataColumns } from './metadataColumns';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-columns-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test('what a file has beside the reserved columns is metadata, as far as a schema can name it', async () => {
  const interactions = await file(
    'clicks.csv',
    'USER_ID,ITEM_ID,TIMESTAMP,event_type, device,A,B,C,D,E\nu,i,1,x,tv,,,,,\n',
  );
  const items = await file('items.csv', 'ITEM_ID,CREATION_TIMESTAMP,Title,Year of release,GENRES,GEN_RES\n');
  await expect(metadataColumns({ interactions, items })).resolves.toEqual({
    interactions: ['DEVICE', 'A', 'B', 'C', 'D'],
    items: ['TITLE', 'GEN_RES'],
  });
});

test('a file with reserved columns alone says nothing of metadata, where there must be some', async () => {
  const users = await file('users.csv', 'USER_ID\nada\n');
  const interactions = await file('bare.csv', 'USER_ID,ITEM_ID,TIMESTAMP\n');
  await expect(metadataColumns({ users, interactions })).resolves.toEqual({ interactions: [] });
});
