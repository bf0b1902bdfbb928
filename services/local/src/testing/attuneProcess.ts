import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real `attune` process that a test started. */
export interface AttuneProcess {
  httpUrl: string;
  grpcAddress: string;
  process: ChildProcess;
  /** SIGTERM, and the exit code it leads to. */
  stop(): Promise<number | null>;
  /** SIGKILL: no chance to finish anything. */
  kill(): Promise<void>;
}

export const ATTUNE_MAIN = join(__dirname, '..', 'main.js');

const START_TIMEOUT_MS = 60_000;

/** Starts `attune up` on free ports and waits until it is ready. */
export async function startAttuneProcess(dataDir: string, environment: NodeJS.ProcessEnv = {}): Promise<AttuneProcess> {
  const child = spawn(process.execPath, [ATTUNE_MAIN, 'up', '--data-dir', dataDir, '--port', '0', '--grpc-port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      KAFKA_BROKERS: '',
      DATABASE_URL: '',
      REDIS_URL: '',
      ATTUNE_LOG_LEVEL: 'info',
      ...environment,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ready = await readyLine(child, exited);
  return {
    httpUrl: `http://127.0.0.1:${ready.http}`,
    grpcAddress: `127.0.0.1:${ready.grpc}`,
    process: child,
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function readyLine(
  child: ChildProcess,
  exited: Promise<[number | null]>,
): Promise<{ http: number; grpc: number }> {
  const lines = createInterface({ input: child.stdout! });
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  try {
    return await new Promise((resolve, reject) => {
      const seen: string[] = [];
      lines.on('line', (line) => {
        seen.push(line);
        const entry = JSON.parse(line) as { msg?: string; http: number; grpc: number };
        if (entry.msg === 'attune is ready') resolve(entry);
      });
      void exited.then(([code]) => reject(new Error(`attune up ended with ${code}:\n${seen.join('\n')}`)));
    });
  } finally {
    clearTimeout(deadline);
  }
}
