import { createServer } from 'node:net';

/**
 * Linux and macOS take the local ports of outgoing connections from 32768 up. A server that is stopped for a while must
 * find its port free when it comes back, so its port comes from below.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A TCP port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
