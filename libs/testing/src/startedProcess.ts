import type { ServerAddress, StartedServer } from './serverAddress';
import type { ServerProcess } from './serverProcess';

/**
 * Starts a server's process.
 * @param lastSignal what ends it for good: SIGKILL, but for a server that then leaves something behind
 */
export async function startedProcess(
  server: ServerProcess,
  address: ServerAddress,
  lastSignal: NodeJS.Signals = 'SIGKILL',
): Promise<StartedServer> {
  await server.start();
  return {
    address,
    kill: () => server.kill(),
    stop: () => server.stop(),
    start: () => server.start(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    dispose: async () => {
      await server.resume();
      await server.end(lastSignal);
    },
  };
}
