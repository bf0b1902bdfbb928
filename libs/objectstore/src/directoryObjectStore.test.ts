import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryObjectStore } from './directoryObjectStore';
import { objectStoreContract } from './objectStore.contract';
import { parseS3Uri } from './s3Uri';

let root: string;
let stores = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-objects-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const newFolder = () => join(root, `store-${++stores}`, 'deep');

objectStoreContract('A folder', async () => directoryObjectStore(newFolder()));

describe('Objects in a folder', () => {
  test('are files under their bucket and key, and files there are objects', async () => {
    const folder = newFolder();
    const store = directoryObjectStore(folder);
    await store.put('s3://attune/data/items.csv', Buffer.from('ITEM_ID'));
    await expect(readFile(join(folder, 'attune', 'data', 'items.csv'), 'utf8')).resolves.toBe('ITEM_ID');
    await writeFile(join(folder, 'attune', 'data', 'users.csv'), 'USER_ID');
    await expect(store.list('s3://attune/')).resolves.toEqual([
      's3://attune/data/items.csv',
      's3://attune/data/users.csv',
    ]);
    expect(Buffer.from(await store.get('s3://attune/data/users.csv')).toString()).toBe('USER_ID');
  });

  test('leave no draft behind, whether they could be written or not', async () => {
    const folder = newFolder();
    const store = directoryObjectStore(folder);
    await store.put('s3://attune/a', Buffer.from('x'));
    await expect(store.put('s3://attune/a/b', Buffer.from('x'))).rejects.toThrow();
    await mkdir(join(folder, 'attune', 'folder', 'sub'), { recursive: true });
    await expect(store.put('s3://attune/folder', Buffer.from('x'))).rejects.toThrow();
    await expect(readdir(join(folder, '.drafts'))).resolves.toEqual([]);
  });

  test('can not have a folder of other objects for a name, or the reverse', async () => {
    const store = directoryObjectStore(newFolder());
    await store.put('s3://attune/a/b', Buffer.from('x'));
    for (const clash of ['s3://attune/a', 's3://attune/a/b/c']) {
      await expect(store.put(clash, Buffer.from('x'))).rejects.toMatchObject({
        code: 'InvalidInput',
        message: `${clash} can't be a file: its key is a folder of another object's, or the reverse.`,
      });
    }
  });

  test('can not have a segment longer than a file name', async () => {
    const store = directoryObjectStore(newFolder());
    const long = `s3://attune/${'x'.repeat(300)}/key`;
    await expect(store.put(long, Buffer.from('x'))).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(store.get(long)).rejects.toMatchObject({ code: 'ResourceNotFound' });
    await expect(store.list(long)).resolves.toEqual([]);
    await store.delete(long);
  });

  test('are refused as unavailable where the root is no folder', async () => {
    const folder = newFolder();
    await mkdir(join(folder, '..'), { recursive: true });
    await writeFile(folder, 'a file where the root should be');
    const store = directoryObjectStore(folder);
    await expect(store.put('s3://attune/a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'Unavailable',
      message: `s3://attune/a can't be written: ${folder} can't be used (ENOTDIR).`,
    });
  });
});

test('parseS3Uri takes a name apart', () => {
  expect(parseS3Uri('s3://attune/models/1/model.safetensors')).toEqual({
    bucket: 'attune',
    key: 'models/1/model.safetensors',
  });
});
