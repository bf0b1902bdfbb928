import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ATTUNE } from './attuneDemo';

/** Every service, in the order in which they are started: what takes work comes last. */
export const SERVICE_NAMES = ['archive', 'feature', 'control', 'trainer', 'inference', 'ingest'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** One service, running in a process of its own. */
export interface ServiceProcess {
  httpUrl: string;
  grpcAddress: string;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Starts `attune serve` on free ports and waits until it is ready. What it logs is left out, but for warnings and errors.
 * @param nodeOptions for Node itself, for example `--cpu-prof`
 */
export function startServiceProcess(
  name: ServiceName,
  environment: NodeJS.ProcessEnv,
  nodeOptions: readonly string[] = [],
): Promise<ServiceProcess> {
  return startAttuneProcess(name, ['serve', name], environment, nodeOptions);
}

/** The same for `attune up`: all services in one process, on the embedded parts. */
export function startEmbeddedProcess(environment: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  const embedded = { KAFKA_BROKERS: '', REDIS_URL: '', DATABASE_URL: '' };
  return startAttuneProcess('attune', ['up'], { ...environment, ...embedded }, []);
}

async function startAttuneProcess(
  name: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  nodeOptions: readonly string[],
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [...nodeOptions, ATTUNE, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment, ATTUNE_PORT: '0', ATTUNE_GRPC_PORT: '0' },
  });
  const endWithParent = () => child.kill();
  process.once('exit', endWithParent);
  const exited = once(child, 'exit').finally(() => process.removeListener('exit', endWithParent));
  const { http, grpc } = await new Promise<{ http: number; grpc: number }>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line);
      if (entry.msg === 'attune is ready') resolve(entry);
      else if (entry.level !== 'info') console.error(`${name}: ${line}`);
    });
    void exited.then(([code, signal]) => reject(new Error(`${name} did not start: it ended with ${code ?? signal}.`)));
  });
  return {
    httpUrl: `http://127.0.0.1:${http}`,
    grpcAddress: `127.0.0.1:${grpc}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
