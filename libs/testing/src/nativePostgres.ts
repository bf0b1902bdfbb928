import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCertificate } from './certificate';
import { findProgram } from './findProgram';
import { freePort } from './freePort';
import type { ServerSettings, StartedServer } from './serverAddress';
import { ServerProcess } from './serverProcess';
import { startedProcess } from './startedProcess';

const run = promisify(execFile);

const USER = 'attune';
const PASSWORD = 'postgres-secret';

/** Debian's programs, one folder a version, which it keeps out of PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** What is missing to run PostgreSQL on this machine; undefined where nothing is. */
export function missingForPostgres(): string | undefined {
  return findPostgres('postgres') && findPostgres('initdb') ? undefined : 'PostgreSQL (apt-get install postgresql)';
}

/**
 * Starts a PostgreSQL with one superuser, `attune`.
 * @param folder takes its data and log. Where this process runs as root, which PostgreSQL refuses, every user must be
 * allowed to pass through the folders above it.
 */
export async function startNativePostgres(
  folder: string,
  { secure = false }: ServerSettings = {},
): Promise<StartedServer> {
  const user = await unprivilegedUser();
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  if (user) await chown(data, user.uid, user.gid);
  await createCluster(data, folder, user);
  const port = await freePort();
  await appendFile(join(data, 'postgresql.conf'), settings(port));
  const ca = secure ? await secureCluster(data, user) : undefined;
  const server = new ServerProcess({
    program: findPostgres('postgres')!,
    args: ['-D', data],
    user,
    logFile: join(folder, 'postgres.log'),
    ready: 'database system is ready to accept connections',
    // Killed, it is gone before those of its processes that hold its shared memory.
    tooEarly: 'pre-existing shared memory block',
  });
  const url = `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  // SIGQUIT is its immediate shutdown. Killed, it would leave its System V shared memory behind.
  return startedProcess(server, { source: 'native', url, ...(ca !== undefined && { ca }) }, 'SIGQUIT');
}

/** Commits reach the operating system before the answer: they outlive a killed server, though not a power cut. */
function settings(port: number): string {
  return `
port = ${port}
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
max_wal_size = 256MB
fsync = off
`;
}

async function createCluster(data: string, folder: string, user: User | undefined): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  await run(
    findPostgres('initdb')!,
    [
      ...['-D', data, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...['-E', 'UTF8', '--locale=C', '--no-sync'],
    ],
    { ...user, cwd: folder },
  );
}

/** @returns the certificate that clients must trust */
async function secureCluster(data: string, user: User | undefined): Promise<string> {
  const { certificate, certificateFile, keyFile } = await createCertificate(data);
  if (user) {
    await chown(certificateFile, user.uid, user.gid);
    await chown(keyFile, user.uid, user.gid);
  }
  await appendFile(join(data, 'postgresql.conf'), 'ssl = on\n');
  await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  return certificate;
}

interface User {
  uid: number;
  gid: number;
}

/** The user to run as instead of root: `postgres`, which comes with the package, or else `nobody`. */
async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const name = await run('id', ['-u', 'postgres']).then(
    () => 'postgres',
    () => 'nobody',
  );
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function findPostgres(program: string): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  return findProgram(
    program,
    versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
  );
}
