import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeWhere } from './describeWhere';
import { eventually } from './eventually';
import { missingForRedis } from './nativeRedis';
import { SERVER_VARIABLES } from './serverAddress';

/** Starts a run with a Redis, says its port, and waits. */
const STARTER = `
  const { startServerRun, shareServer } = require(${JSON.stringify(join(__dirname, 'index.js'))});
  setInterval(() => {}, 1000);
  startServerRun()
    .then(({ run }) => shareServer(run, 'redis'))
    .then(({ url }) => console.log(new URL(url).port));
`;

const lacking = missingForRedis();

describeWhere('The servers of a run', lacking === undefined ? [] : [`There is no ${lacking}.`], () => {
  test.each([
    ['a signal to its group', 'SIGINT', true],
    ['a signal to its group', 'SIGTERM', true],
    ['a signal to its group', 'SIGHUP', true],
    ['a kill', 'SIGKILL', false],
  ] as const)('end with the process that started it, by %s: %s', async (_, signal, group) => {
    const { [SERVER_VARIABLES.redis]: _own, ...env } = process.env;
    const starter = spawn(process.execPath, ['-e', STARTER], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    const [line] = await once(createInterface({ input: starter.stdout! }), 'line');
    const port = Number(line);
    expect(await accepts(port)).toBe(true);
    process.kill(group ? -starter.pid! : starter.pid!, signal);
    await eventually(async () => expect(await accepts(port)).toBe(false));
  });
});

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}
