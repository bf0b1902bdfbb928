import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from './objectStore';

/**
 * What every ObjectStore must do.
 * @param open gives an empty store with the bucket `attune` and, where buckets must be made, `other-bucket`
 */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} as an ObjectStore`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });

    const put = (uri: string, text: string) => store.put(uri, Buffer.from(text));
    const read = async (uri: string) => Buffer.from(await store.get(uri)).toString();
    const uri = 's3://attune/models/version-1/model.safetensors';

    test('gives back the bytes it was given', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256);
      await store.put(uri, bytes);
      expect(Buffer.from(await store.get(uri)).equals(bytes)).toBe(true);
      expect((await buffer(await store.stream(uri))).equals(bytes)).toBe(true);
    });

    test('takes only the part of a buffer that a view shows', async () => {
      await store.put(uri, Buffer.from('xxabcxx').subarray(2, 5));
      await expect(read(uri)).resolves.toBe('abc');
    });

    test('keeps empty objects', async () => {
      await put(uri, '');
      await expect(read(uri)).resolves.toBe('');
      expect(await buffer(await store.stream(uri))).toHaveLength(0);
      await expect(store.list('s3://attune/')).resolves.toEqual([uri]);
    });

    test.each([
      's3://attune/with space & sign+more=x.csv',
      's3://attune/ünï/観客/🎬',
      's3://attune/%2e%2e/.hidden',
      's3://attune/a.b/..c/d..',
    ])('keeps an object as %s', async (odd) => {
      await put(odd, odd);
      await expect(read(odd)).resolves.toBe(odd);
      await expect(store.list('s3://attune/')).resolves.toEqual([odd]);
      await store.delete(odd);
      await expect(store.list('s3://attune/')).resolves.toEqual([]);
    });

    test('replaces an object whole', async () => {
      await put(uri, 'a long first version');
      await put(uri, 'second');
      await expect(read(uri)).resolves.toBe('second');
    });

    test('of many writers to one name, one whole version stays', async () => {
      const versions = Array.from({ length: 10 }, (_, index) => String(index).repeat(50_000));
      await Promise.all(versions.map((version) => put(uri, version)));
      expect(versions).toContain(await read(uri));
    });

    test('size is in bytes', async () => {
      await put(uri, 'naïve');
      await expect(store.size(uri)).resolves.toBe(6);
    });

    test.each(['get', 'stream', 'size'] as const)('%s of an object that is not there says which', async (method) => {
      await put('s3://attune/models/other', 'x');
      for (const missing of [uri, 's3://attune/models', 's3://attune/models/other/below', 's3://other-bucket/x']) {
        await expect(store[method](missing)).rejects.toMatchObject({
          code: 'ResourceNotFound',
          message: `There is no object ${missing}.`,
        });
      }
    });

    test('delete removes an object, and what is not there without complaint', async () => {
      await put(uri, 'x');
      await put(`${uri}.txt`, 'stays');
      await store.delete(uri);
      await store.delete(uri);
      await store.delete('s3://attune/models');
      await store.delete('s3://attune/nowhere/at/all');
      await expect(store.list('s3://attune/')).resolves.toEqual([`${uri}.txt`]);
    });

    describe('list', () => {
      const names = ['a.txt', 'models/1/manifest.json', 'models/1/model', 'models/10/model', 'models/2/model', 'z'];
      const at = (...keys: string[]) => keys.map((key) => `s3://attune/${key}`);
      beforeEach(async () => {
        for (const each of at(...names.toReversed())) await put(each, each);
        await put('s3://other-bucket/models/1/model', 'x');
      });

      test.each([
        ['s3://attune', names],
        ['s3://attune/', names],
        ['s3://attune/models/', names.slice(1, 5)],
        ['s3://attune/models/1', ['models/1/manifest.json', 'models/1/model', 'models/10/model']],
        ['s3://attune/models/1/', ['models/1/manifest.json', 'models/1/model']],
        ['s3://attune/models/1/model', ['models/1/model']],
        ['s3://attune/a', ['a.txt']],
        ['s3://attune/nothing/here/', []],
        ['s3://attune/a.txt/', []],
      ])('%s', async (prefix, keys) => {
        await expect(store.list(prefix)).resolves.toEqual(at(...keys));
      });

      test('is in order of UTF-8 bytes', async () => {
        const keys = ['order/A', 'order/Z', 'order/a', 'order/é', 'order/\uffee', 'order/🎬'];
        for (const each of at(...keys.toReversed())) await put(each, each);
        await expect(store.list('s3://attune/order/')).resolves.toEqual(at(...keys));
      });
    });

    test.each([
      '',
      'attune/key',
      'file:///etc/passwd',
      'S3://attune/key',
      's3://',
      's3:///key',
      's3://UPPER/key',
      's3://../key',
      's3://a/key',
      's3://attune',
      's3://attune/',
      's3://attune/..',
      's3://attune/../other-bucket/x',
      's3://attune/a/../../x',
      's3://attune/./a',
      's3://attune//etc/passwd',
      's3://attune/a//b',
      's3://attune/a/',
      's3://attune/a\\b',
      's3://attune/a\0b',
    ])('refuses %j as the name of an object', async (bad) => {
      const refused = { code: 'InvalidInput', message: expect.stringContaining(JSON.stringify(bad)) };
      await expect(put(bad, 'x')).rejects.toMatchObject(refused);
      await expect(store.get(bad)).rejects.toMatchObject(refused);
      await expect(store.stream(bad)).rejects.toMatchObject(refused);
      await expect(store.delete(bad)).rejects.toMatchObject(refused);
      await expect(store.list('s3://attune/')).resolves.toEqual([]);
    });

    test('takes keys of up to 1024 bytes', async () => {
      const longest = `s3://attune/${'long/'.repeat(204)}last`;
      await put(longest, 'x');
      await expect(read(longest)).resolves.toBe('x');
      await expect(put(`${longest}x`, 'x')).rejects.toMatchObject({ code: 'InvalidInput' });
    });

    test.each(['', 'attune', 's3://../', 's3://attune/../', 's3://attune/a//', 's3://attune//'])(
      'refuses %j as the beginning of names',
      async (bad) => {
        await expect(store.list(bad)).rejects.toMatchObject({
          code: 'InvalidInput',
          message: expect.stringContaining(JSON.stringify(bad)),
        });
      },
    );
  });
}
