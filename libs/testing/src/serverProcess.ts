import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ServerFaults } from './serverAddress';

/** Kafka, the slowest, takes 5 s alone on a core, and several times that beside other work. */
const START_DEADLINE_MS = 90_000;

/** How to run a server. */
export interface Launch {
  program: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** The user to run it as, where that is not this process's own. */
  user?: { uid: number; gid: number } | undefined;
  /** Takes what it prints; anew with every start. */
  logFile: string;
  /** What it prints when it answers. */
  ready: string;
  /** What it prints, and ends, where processes of its last run are still about to end. It is then started again. */
  tooEarly?: string;
}

/** A server as a process of ours, which can be broken and brought back. */
export class ServerProcess implements ServerFaults {
  private child: ChildProcess | undefined;

  constructor(private readonly launch: Launch) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws with the end of its log, where it ends while starting or does not answer in time */
  async start(deadline = Date.now() + START_DEADLINE_MS): Promise<void> {
    if (this.isRunning) return;
    const { program, args, env, user, logFile, ready, tooEarly } = this.launch;
    const log = openSync(logFile, 'w');
    // A group of its own: Ctrl-C on the terminal must reach only the process that stops the servers in order.
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: env ?? process.env,
      ...user,
    });
    closeSync(log);
    this.child = child;
    await once(child, 'spawn');
    for (; Date.now() < deadline; await setTimeout(50)) {
      if (readFileSync(logFile, 'utf8').includes(ready)) return;
      if (!this.isRunning && tooEarly !== undefined && this.endOfLog().includes(tooEarly)) return this.start(deadline);
      if (!this.isRunning) throw new Error(`${program} ended while it started. It said:\n${this.endOfLog()}`);
    }
    await this.kill();
    throw new Error(`${program} did not answer within ${START_DEADLINE_MS / 1000} s. It said:\n${this.endOfLog()}`);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  async pause(): Promise<void> {
    await this.signalAll('SIGSTOP');
    while (this.isRunning && !(await hasStopped(this.child!.pid!))) await setTimeout(5);
  }

  async resume(): Promise<void> {
    await this.signalAll('SIGCONT');
  }

  /** Sends the signal to the server, SIGKILL also to its children, and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || !this.isRunning) return;
    const ended = once(child, 'exit');
    if (signal === 'SIGKILL') await this.signalAll(signal);
    else child.kill(signal);
    await ended;
  }

  private get isRunning(): boolean {
    return this.child?.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** PostgreSQL serves every connection by a child, with a process group of its own. */
  private async signalAll(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const parent = this.child!.pid!;
    for (const pid of [parent, ...(await childrenOf(parent))]) signalIfThere(pid, signal);
  }

  private endOfLog(): string {
    return readFileSync(this.launch.logFile, 'utf8').split('\n').slice(-20).join('\n');
  }
}

/** A signal is taken when a thread next runs: on a busy machine, a broker may answer a last request after it. */
async function hasStopped(pid: number): Promise<boolean> {
  const threads = process.platform === 'linux' ? ['-L'] : [];
  const { stdout } = await promisify(execFile)('ps', [...threads, '-o', 'stat=', '-p', String(pid)]);
  return stdout
    .trim()
    .split('\n')
    .every((state) => state.trim().startsWith('T'));
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid!);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
