import { join } from 'node:path';
import { createCertificate } from './certificate';
import { findProgram } from './findProgram';
import { freePort } from './freePort';
import type { ServerAddress, ServerSettings, StartedServer } from './serverAddress';
import { ServerProcess } from './serverProcess';
import { startedProcess } from './startedProcess';

const PASSWORD = 'redis-secret';

/** What is missing to run Redis on this machine; undefined where nothing is. */
export function missingForRedis(): string | undefined {
  return findProgram('redis-server') ? undefined : 'redis-server (apt-get install redis-server)';
}

/**
 * Starts a Redis that keeps its data over restarts and kills: every write is handed to the operating system before the answer.
 * It does not wait for the disk, which only a machine's end could lose.
 * @param folder takes its data and log
 */
export async function startNativeRedis(
  folder: string,
  { secure = false }: ServerSettings = {},
): Promise<StartedServer> {
  const port = await freePort();
  const { args, ...address } = secure ? await securely(folder, port) : plainly(port);
  const server = new ServerProcess({
    program: findProgram('redis-server')!,
    args: [
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--set-proc-title',
      'no',
      '--appendonly',
      'yes',
      '--appendfsync',
      'no',
      ...args,
    ],
    logFile: join(folder, 'redis.log'),
    ready: 'Ready to accept connections',
  });
  return startedProcess(server, { source: 'native', ...address });
}

type Listening = Omit<ServerAddress, 'source'> & { args: string[] };

function plainly(port: number): Listening {
  return { url: `redis://127.0.0.1:${port}`, args: ['--port', `${port}`] };
}

async function securely(folder: string, port: number): Promise<Listening> {
  const { certificate, certificateFile, keyFile } = await createCertificate(folder);
  return {
    url: `rediss://:${PASSWORD}@127.0.0.1:${port}`,
    ca: certificate,
    args: [
      ...['--port', '0', '--tls-port', `${port}`, '--requirepass', PASSWORD, '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', certificateFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certificateFile],
    ],
  };
}
