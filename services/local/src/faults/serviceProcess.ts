import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServiceName } from '../services';
import { ATTUNE_MAIN } from '../testing/attuneProcess';

/** The processes share two cores with Kafka and Postgres. */
const START_TIMEOUT_MS = 60_000;

const EXIT_WITH_PARENT = join(__dirname, 'exitWithParent.js');

/** The end of the log, for the message of a failure. */
const KEPT_LINES = 200;

/** One service as a process of its own, which a test may break. After a restart it listens where it did before. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private ports = { http: 0, grpc: 0 };
  private lines: string[] = [];

  constructor(
    readonly service: ServiceName | 'front',
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  get httpUrl(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  get grpcAddress(): string {
    return `127.0.0.1:${this.ports.grpc}`;
  }

  /** Starts it, and resolves when it is ready. */
  async start(): Promise<void> {
    const { http, grpc } = this.ports;
    const ports = { ATTUNE_PORT: String(http), ATTUNE_GRPC_PORT: String(grpc) };
    const child = spawn(process.execPath, ['--require', EXIT_WITH_PARENT, ATTUNE_MAIN, 'serve', this.service], {
      env: { ...this.environment, ...ports },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    this.lines = [];
    const started = new Promise<typeof this.ports>((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
      const read = (line: string) => {
        this.lines = [...this.lines, line].slice(-KEPT_LINES);
        if (!line.includes('"attune is ready"')) return;
        clearTimeout(timer);
        resolve(JSON.parse(line));
      };
      createInterface({ input: child.stdout }).on('line', read);
      createInterface({ input: child.stderr }).on('line', read);
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${this.service} ended with ${code ?? signal}. It said:\n${this.lines.join('\n')}`));
      });
    });
    const { http: httpPort, grpc: grpcPort } = await started;
    this.ports = { http: httpPort, grpc: grpcPort };
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGKILL, then a new start: what an orchestrator does. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** SIGTERM. @returns the exit code, and how long it took in milliseconds */
  async stop(): Promise<{ code: number | null; milliseconds: number }> {
    const start = performance.now();
    const code = await this.end('SIGTERM');
    return { code, milliseconds: performance.now() - start };
  }

  /** SIGSTOP: it answers nothing, and all its connections stay open. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    return (await exited)[0];
  }
}
