import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { AttuneError } from '@attune/domain';

/** The process that holds a folder, as its lock file names it. */
interface Holder {
  pid: number;
  /** When the process started, by the kernel's own clock: a pid alone may long be another process's. */
  started?: string;
  host: string;
}

/**
 * Keeps other processes out of a folder, by a file `FOLDER.lock` beside it. The lock of a process that was killed is
 * taken over.
 * @returns lets the folder go
 * @throws AttuneError `ResourceInUse` where a living process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = `${folder}.lock`;
  // Written aside and linked into place, so that nobody ever reads half of it.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(await describeProcess(process.pid)));
  try {
    while (!(await linkUnlessTaken(draft, path))) {
      const lock = await readIfThere(path);
      if (lock !== undefined) {
        await refuseLivingHolder(folder, path, lock);
        await removeAbandoned(path, lock);
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(path, { force: true });
}

async function refuseLivingHolder(folder: string, path: string, lock: string): Promise<void> {
  const holder = JSON.parse(lock) as Holder;
  if (holder.host !== hostname()) {
    throw new AttuneError(
      'ResourceInUse',
      `${folder} is locked by process ${holder.pid} on host "${holder.host}". If that one no longer runs, delete ${path}.`,
    );
  }
  if (isAlive(holder.pid) && (await describeProcess(holder.pid)).started === holder.started) {
    throw new AttuneError(
      'ResourceInUse',
      `${folder} is in use by ${holder.pid === process.pid ? 'this process' : `process ${holder.pid}`}. Stop that one first, or choose another folder.`,
    );
  }
}

/** What a process leaves that is killed in the few microseconds of a takeover. */
const STALE_TAKEOVER_MS = 5_000;
const TAKEOVER_PAUSE_MS = 10;

/**
 * Removes a lock that was found abandoned, unless another process has replaced it meanwhile. Only who has made the
 * takeover folder may look and remove: between the two nobody else can put a new lock there.
 */
async function removeAbandoned(path: string, abandoned: string): Promise<void> {
  const takeover = `${path}.takeover`;
  try {
    await mkdir(takeover);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const begun = await stat(takeover).catch(() => undefined);
    if (begun && Date.now() - begun.mtimeMs > STALE_TAKEOVER_MS) await rm(takeover, { recursive: true, force: true });
    await pause(TAKEOVER_PAUSE_MS);
    return;
  }
  try {
    if ((await readIfThere(path)) === abandoned) await rm(path, { force: true });
  } finally {
    await rm(takeover, { recursive: true, force: true });
  }
}

async function describeProcess(pid: number): Promise<Holder> {
  const host = hostname();
  // Linux: field 22 of `stat`, in ticks since boot. The second field, a name in parentheses, may hold anything.
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return started === undefined ? { pid, host } : { pid, started, host };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

async function linkUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
