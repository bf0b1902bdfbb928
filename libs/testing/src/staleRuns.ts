import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What the names of the folders of test runs begin with, in the folder of temporary files. */
export const RUN_PREFIX = 'attune-servers-';

/** Ends the servers and removes the folders of runs whose keeper was killed. */
export async function removeStaleRuns(ownName: string): Promise<void> {
  const runs = (await readdir(tmpdir())).filter((name) => name.startsWith(RUN_PREFIX) && name !== ownName);
  if (runs.length === 0) return;
  const processes = await listProcesses();
  for (const name of runs) {
    const folder = join(tmpdir(), name);
    // All of a run's processes have its folder among their arguments.
    const own = processes.filter(({ command }) => command.includes(folder));
    if (own.some(({ command }) => command.includes('serverKeeper'))) continue;
    for (const { pid } of own) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function listProcesses(): Promise<{ pid: number; command: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args='], { maxBuffer: 1 << 24 });
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, command]) => ({ pid: Number(pid), command: command! }));
}
