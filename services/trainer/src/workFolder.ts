import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'training-';

/** A training touches its folder with every checkpoint, so one that was left alone for a day belongs to a process that was killed. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/**
 * Makes a folder for one training, and removes those that killed trainers have left behind.
 * @param parent made where it is missing; several trainers may share it
 * @param now milliseconds since the epoch
 */
export async function makeWorkFolder(parent: string, now: number): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    // Another trainer may have removed it meanwhile.
    const touched = await stat(folder).catch(() => undefined);
    if (touched && now - touched.mtimeMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
  return mkdtemp(join(parent, PREFIX));
}
