const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { setTimeout } = require('node:timers/promises');

let withLock;
let folder;
let file;

beforeAll(async () => {
  ({ withLock } = await import('./lock.mjs'));
});

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'attune-lock-'));
  file = path.join(folder, 'deep', 'a.lock');
  jest.spyOn(console, 'error').mockReturnValue();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

test('the second waits until the first is done', async () => {
  const order = [];
  const first = withLock(file, async () => {
    order.push('first begins');
    await setTimeout(300);
    order.push('first ends');
  });
  const second = withLock(file, async () => order.push('second begins'));
  await Promise.all([first, second]);
  expect(order).toEqual(['first begins', 'first ends', 'second begins']);
  expect(console.error).toHaveBeenCalledWith(expect.stringContaining(`process ${process.pid}`));
});

test('the lock is free again after a failure', async () => {
  const failing = withLock(file, async () => {
    throw new Error('no disk');
  });
  await expect(failing).rejects.toThrow('no disk');
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that is gone counts for nothing', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await withLock(file, async () => {});
  writeFileSync(file, String(pid));
  expect(await withLock(file, async () => 'done')).toBe('done');
});
