import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServerKind, ServerSources } from './serverAddress';
import { RUN_PREFIX } from './staleRuns';

/** What a test must know of the run it belongs to. */
export interface ServerRun {
  /** The Unix socket of the servers' keeper. */
  socket: string;
  sources: Record<ServerKind, ServerSources>;
}

/** Carries the run, as JSON, to the processes of the tests. */
export const RUN_VARIABLE = 'ATTUNE_SERVER_RUN';

/** Starts the keeper of a run's servers. No server starts before a test asks for it. */
export async function startServerRun(): Promise<{ run: ServerRun; stop(): Promise<void> }> {
  const folder = join(tmpdir(), `${RUN_PREFIX}${randomBytes(6).toString('hex')}`);
  const keeper = spawn(process.execPath, [join(__dirname, 'serverKeeper.js'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const sources = JSON.parse(await firstLine(keeper));
  return {
    run: { socket: join(folder, 'keeper.sock'), sources },
    stop: async () => {
      const ended = once(keeper, 'exit');
      keeper.stdin.end();
      await ended;
    },
  };
}

async function firstLine(keeper: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: keeper.stdout! })) return line;
  throw new Error('The keeper of the test servers ended while it started; its message is above.');
}

/** The run that this process's tests belong to. */
export function currentRun(): ServerRun {
  const run = process.env[RUN_VARIABLE];
  if (!run) throw new Error('The run has no servers: jest.config.js must name the globalSetup of @attune/testing.');
  return JSON.parse(run);
}
