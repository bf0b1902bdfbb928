import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './folderLock';

describe('The lock of a folder', () => {
  let root: string;
  let folder: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'attune-lock-'));
    folder = join(root, 'data');
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const leaveLock = (holder: object) => writeFile(`${folder}.lock`, JSON.stringify(holder));

  test('is free again after its release, and leaves no file', async () => {
    await (await lockFolder(folder))();
    await (await lockFolder(folder))();
    await expect(readdir(root)).resolves.toEqual([]);
  });

  test('goes to one of many who want it at once', async () => {
    const takers = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(takers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ResourceInUse' } });
    await expect(readdir(root)).resolves.toEqual(['data.lock']);
  });

  test('goes to one of many where a process that is gone holds it', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await leaveLock({ pid, started: '1', host: hostname() });
    const takers = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(JSON.parse(await readFile(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid });
    await expect(readdir(root)).resolves.toEqual(['data.lock']);
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('is taken over where another process has got the pid meanwhile', async () => {
    await leaveLock({ pid: process.pid, started: '1', host: hostname() });
    const release = await lockFolder(folder);
    await release();
  });

  test('is refused where its holder is on another host, with the way out', async () => {
    await leaveLock({ pid: 1, started: '1', host: 'elsewhere' });
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'ResourceInUse',
      message: `${folder} is locked by process 1 on host "elsewhere". If that one no longer runs, delete ${folder}.lock.`,
    });
  });
});
