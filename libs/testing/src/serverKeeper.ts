/**
 * The process that starts and holds the servers of one test run, so that all its test files, in whatever process, share
 * them. It takes requests on a Unix socket, and ends with its servers when the process that started it ends, however
 * that comes about: its standard input closes then.
 *
 *     node serverKeeper.js FOLDER
 */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KeeperRequest } from './keeperClient';
import type { ServerKind, ServerSettings, StartedServer } from './serverAddress';
import { findServerSources, startServer } from './serverSources';
import { removeStaleRuns } from './staleRuns';

async function keepServers(folder: string): Promise<void> {
  // PostgreSQL, which refuses to run as root, must be able to pass through.
  await mkdir(folder);
  await chmod(folder, 0o711);
  await removeStaleRuns(basename(folder));
  const sources = await findServerSources();
  const starting: Promise<StartedServer>[] = [];
  const shared = new Map<ServerKind, number>();

  const start = async (kind: ServerKind, settings: ServerSettings): Promise<number> => {
    const id = starting.length;
    const place = join(folder, `${kind}-${id}`);
    starting.push(mkdir(place).then(() => startServer(kind, sources[kind], place, settings)));
    return id;
  };

  const answer = async (request: KeeperRequest): Promise<unknown> => {
    switch (request.ask) {
      case 'share': {
        const id = shared.get(request.kind) ?? (await start(request.kind, {}));
        shared.set(request.kind, id);
        return (await starting[id]!).address;
      }
      case 'own': {
        const id = await start(request.kind, request.settings);
        return { id, address: (await starting[id]!).address };
      }
      case 'dispose':
        return (await starting[request.id]!).dispose();
      default:
        return (await starting[request.id]!)[request.ask]();
    }
  };

  const listener = createServer(async (request: IncomingMessage, response) => {
    try {
      response.end(JSON.stringify({ result: await answer(JSON.parse(await text(request))) }));
    } catch (error) {
      response.statusCode = 500;
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  });

  process.stdin.once('close', async () => {
    await Promise.allSettled(starting.map(async (server) => (await server).dispose()));
    await rm(folder, { recursive: true, maxRetries: 5 });
    process.exit();
  });
  process.stdin.resume();
  // What is sent to the whole group (Ctrl-C, the end of the terminal, a time limit) reaches this process, too. It waits for the
  // one that started it, or its servers would go on without anybody to stop them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  listener.listen(join(folder, 'keeper.sock'), () => process.stdout.write(`${JSON.stringify(sources)}\n`));
}

void keepServers(process.argv[2]!);
