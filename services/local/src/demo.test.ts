import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createKey } from './createKey';
import { ATTUNE_MAIN } from './testing/attuneProcess';
import { generatedClicks, generatedItems } from './testing/generatedClicks';

const run = promisify(execFile);

/** Under a test's time limit, so that a demo that hangs is ended and not left behind. */
const DEMO_TIMEOUT_MS = 50_000;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-demo-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let environment: NodeJS.ProcessEnv = {};

async function demo(...args: string[]): Promise<{ code: number; output: string }> {
  const all = [
    ATTUNE_MAIN,
    'demo',
    '--exit',
    '--data-dir',
    join(folder, 'data'),
    '--port',
    '0',
    '--grpc-port',
    '0',
    ...args,
  ];
  try {
    const { stdout, stderr } = await run(process.execPath, all, {
      env: { ...process.env, NO_COLOR: '1', ...environment },
      timeout: DEMO_TIMEOUT_MS,
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

test(
  "the demo trains on one's own files, plays a session, and goes on from its data folder",
  async () => {
    const interactions = join(folder, 'clicks.csv');
    const items = join(folder, 'products.csv');
    await writeFile(interactions, generatedClicks());
    await writeFile(items, generatedItems());

    const first = await demo('--interactions', interactions, '--items', items);
    expect(first.output).toMatch(/✔ import/);
    expect(first.output).toMatch(/✔ train aws-user-personalization/);
    expect(first.output).toMatch(/NDCG@10 +\d\.\d+ +\d\.\d+/);
    expect(first.output).toMatch(/▶ User u\d+ picks number 4: Item, number \d+/);
    expect(first.output).toMatch(/The list had changed \d+\.\d ms later: \d+ new, \d+ up, \d+ down/);
    expect(first.code).toBe(0);

    const second = await demo('--interactions', interactions, '--items', items);
    expect(second.output).toContain('going on from there');
    expect(second.output).not.toContain('✔ train');
    expect(second.code).toBe(0);

    const keysFile = join(folder, 'keys.json');
    environment = { ATTUNE_KEYS_FILE: keysFile };
    await createKey(keysFile, { name: 'other', datasetGroups: ['other'] });
    const denied = await demo('--interactions', interactions, '--items', items);
    expect(denied.output).toContain(`attune keys create demo --file ${keysFile} --plane data --dataset-group clicks`);
    expect(denied.code).toBe(1);
    await createKey(keysFile, { name: 'demo', datasetGroups: ['clicks'], planes: ['data'] });
    const signed = await demo('--interactions', interactions, '--items', items);
    expect(signed.output).toMatch(/The list had changed \d+\.\d ms later/);
    expect(signed.code).toBe(0);
    environment = {};

    await writeFile(interactions, `${generatedClicks()}u1,i1,never,click\n`);
    const broken = await demo('--interactions', interactions);
    expect(broken.output).toContain(
      'clicks.csv:1802, column TIMESTAMP: got "never", expected Unix time in whole seconds',
    );
    expect(broken.output).not.toMatch(/\n\s+at /);
    expect(broken.code).toBe(1);
  },
  3 * 60_000,
);

test('too few interactions, a missing file and a port that is none are refused', async () => {
  const interactions = join(folder, 'few.csv');
  await writeFile(interactions, generatedClicks({ users: 10 }));
  const few = await demo('--interactions', interactions);
  expect(few.output).toContain('it has 300 interactions, and at least 1000 are needed to train');
  expect(few.code).toBe(1);

  const missing = await demo('--interactions', join(folder, 'none.csv'));
  expect(missing.output).toContain('none.csv: there is no such file.');
  expect(missing.output).not.toMatch(/\n\s+at /);
  expect(missing.code).toBe(1);

  const badPort = await demo('--port', '70000');
  expect(badPort.output).toContain('A port is a whole number from 0 to 65535.');
  expect(badPort.code).toBe(1);
});
