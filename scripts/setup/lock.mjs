import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * Runs `action` while no other process runs one under the same lock file, which holds its owner's process id. The lock
 * of a process that is gone counts for nothing.
 */
export async function withLock(file, action) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; !take(file); ) {
    const pid = owner(file);
    if (pid && !told) console.error(`  Waiting for the set-up that process ${pid} is running.`);
    told ||= pid !== undefined;
    await setTimeout(200);
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isRunning(owner(file))) rmSync(file, { force: true });
    return false;
  }
}

/** The process id in the lock file; undefined when the file is gone, or created and not yet written. */
function owner(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isRunning(pid) {
  if (pid === undefined) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
