import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { makeWorkFolder } from './workFolder';

test('what killed trainers left goes after a day; what is in use or not a training’s stays', async () => {
  const root = await mkdtemp(join(tmpdir(), 'attune-work-'));
  try {
    const parent = join(root, 'work');
    const inUse = await makeWorkFolder(parent, Date.now());
    const left = await makeWorkFolder(parent, Date.now());
    await writeFile(join(left, 'data'), 'of a training that was killed');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
    await mkdir(join(parent, 'models'));
    for (const folder of [left, join(parent, 'models')]) await utimes(folder, twoDaysAgo, twoDaysAgo);
    const made = await makeWorkFolder(parent, Date.now());
    expect((await readdir(parent)).sort()).toEqual(['models', basename(inUse), basename(made)].sort());
  } finally {
    await rm(root, { recursive: true });
  }
});
