const {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} = require('node:fs');
const os = require('node:os');
const path = require('node:path');

let replace;
let parent;
let build;

beforeAll(async () => {
  ({ replace } = await import('./cache.mjs'));
});

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'attune-cache-'));
  build = path.join(parent, 'build');
});

afterEach(() => rmSync(parent, { recursive: true }));

const fillWith = (text) => async (folder) => {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'content'), text);
};
const content = () => readFileSync(path.join(build, 'content'), 'utf8');

test('a new build takes the place of the old one, and nothing else is left', async () => {
  await replace(build, fillWith('old'));
  await replace(build, fillWith('new'));
  expect(content()).toBe('new');
  expect(readdirSync(parent)).toEqual(['build']);
});

test('a build that fails half-way leaves the old one', async () => {
  await replace(build, fillWith('old'));
  const failing = replace(build, async (folder) => {
    await fillWith('half')(folder);
    throw new Error('connection lost');
  });
  await expect(failing).rejects.toThrow('connection lost');
  expect(content()).toBe('old');
  expect(readdirSync(parent)).toEqual(['build']);
});

test('of two builds made at once, the one that ends last stays', async () => {
  await replace(build, async (folder) => {
    await fillWith('ours')(folder);
    await replace(build, fillWith('theirs'));
  });
  expect(content()).toBe('ours');
  expect(readdirSync(parent)).toEqual(['build']);
});

test('what a killed process left is removed after an hour', async () => {
  const [recent, old] = ['partial-recent', 'partial-old'].map((name) => path.join(parent, name));
  mkdirSync(recent);
  mkdirSync(old);
  const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(old, twoHoursAgo, twoHoursAgo);
  await replace(build, fillWith('new'));
  expect([existsSync(recent), existsSync(old)]).toEqual([true, false]);
});
