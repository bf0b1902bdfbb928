import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@attune/testing';

const run = promisify(execFile);

/** moto speaks the protocol of S3: https://docs.getmoto.org. Installed once, 130 MB. */
const PACKAGES = ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
const FOLDER = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'attune', 'moto-5.2.5');

const START_TIMEOUT_MS = 30_000;

/** An S3 endpoint of a test's own. */
export interface Moto {
  endpoint: string;
  /** Forgets everything, and makes these buckets. */
  reset(buckets: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Whether moto is on this machine, or can be installed. */
export function canRunMoto(): boolean {
  return existsSync(FOLDER) || spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
}

export async function startMoto(): Promise<Moto> {
  if (!existsSync(FOLDER)) await install();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, PYTHONPATH: FOLDER },
    stdio: 'ignore',
  });
  await untilReady(endpoint, server);
  return {
    endpoint,
    reset: async (buckets) => {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      for (const bucket of buckets) await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
    },
    stop: () => stop(server),
  };
}

/** Made aside and renamed when it is whole. */
async function install(): Promise<void> {
  const draft = `${FOLDER}.${process.pid}`;
  await mkdir(dirname(FOLDER), { recursive: true });
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', draft, ...PACKAGES]);
  await rename(draft, FOLDER).catch(() => rm(draft, { recursive: true }));
}

async function untilReady(endpoint: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (server.exitCode !== null) throw new Error(`moto ended with exit code ${server.exitCode} before it was ready.`);
    if (performance.now() > deadline) {
      await stop(server);
      throw new Error(`moto was not ready after ${START_TIMEOUT_MS / 1000} s.`);
    }
    await setTimeout(50);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(endpoint)).ok;
  } catch {
    return false;
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}
