import { canRunMoto, type Moto, startMoto } from './moto.fixture';
import { objectStoreContract } from './objectStore.contract';
import { type S3ObjectStore, s3ObjectStore } from './s3ObjectStore';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Python packages come from the network the first time. */
const INSTALL_TIMEOUT_MS = 300_000;

const describeWithMoto = canRunMoto() ? describe : describe.skip;
if (!canRunMoto()) {
  process.stderr.write('Skipped: tests on S3. Install python3 with pip, by which they install the server moto.\n');
}

describeWithMoto('Objects on S3', () => {
  let moto: Moto;
  const stores: S3ObjectStore[] = [];

  beforeAll(async () => {
    moto = await startMoto();
  }, INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await moto?.stop();
  });
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
  });

  const open = (endpoint = moto.endpoint) => {
    const store = s3ObjectStore({ endpoint, credentials });
    stores.push(store);
    return store;
  };

  objectStoreContract('An S3 endpoint', async () => {
    await moto.reset(['attune', 'other-bucket']);
    return open();
  });

  test('are listed in pages', async () => {
    await moto.reset(['attune']);
    const store = open();
    const uris = Array.from({ length: 1005 }, (_, index) => `s3://attune/page/${String(index).padStart(4, '0')}`);
    for (let start = 0; start < uris.length; start += 67) {
      await Promise.all(uris.slice(start, start + 67).map((uri) => store.put(uri, Buffer.from('x'))));
    }
    await expect(store.list('s3://attune/page/')).resolves.toEqual(uris);
  });

  test('need a bucket, and say so', async () => {
    await moto.reset([]);
    const store = open();
    await expect(store.put('s3://nowhere/key', Buffer.from('x'))).rejects.toMatchObject({
      code: 'ResourceNotFound',
      message: `s3://nowhere/key can't be written: there is no bucket "nowhere" at ${moto.endpoint}. Create it, or name another.`,
    });
    await expect(store.list('s3://nowhere/')).resolves.toEqual([]);
    await expect(store.delete('s3://nowhere/key')).resolves.toBeUndefined();
  });

  test('are unavailable where nobody listens, and the message says where', async () => {
    const store = open('http://127.0.0.1:9');
    const unavailable = {
      code: 'Unavailable',
      message: expect.stringContaining('at http://127.0.0.1:9 ('),
      cause: expect.any(Error),
    };
    const uri = 's3://attune/key';
    await expect(store.put(uri, Buffer.from('x'))).rejects.toMatchObject(unavailable);
    await expect(store.get(uri)).rejects.toMatchObject(unavailable);
    await expect(store.stream(uri)).rejects.toMatchObject(unavailable);
    await expect(store.list(uri)).rejects.toMatchObject(unavailable);
    await expect(store.delete(uri)).rejects.toMatchObject(unavailable);
  });
});
