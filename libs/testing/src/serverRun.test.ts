import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { accepts } from './accepts.fixture';
import { describeWhere } from './describeWhere';
import { eventually } from './eventually';
import { missingForRedis } from './nativeRedis';
import { SERVER_VARIABLES } from './serverAddress';

/** Starts a run with a Redis, says its address, and waits. */
const STARTER = `
  const { startServerRun, shareServer } = require(${JSON.stringify(join(__dirname, 'index.js'))});
  setInterval(() => {}, 1000);
  startServerRun()
    .then(({ run }) => shareServer(run, 'redis'))
    .then(({ url }) => console.log(new URL(url).host));
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
    const [address] = await once(createInterface({ input: starter.stdout! }), 'line');
    expect(await accepts(address)).toBe(true);
    process.kill(group ? -starter.pid! : starter.pid!, signal);
    await eventually(async () => expect(await accepts(address)).toBe(false));
  });
});
