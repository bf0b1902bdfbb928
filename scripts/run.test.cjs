const node = process.execPath;
let run;

beforeAll(async () => {
  ({ run } = await import('./run.mjs'));
});

test('a command that succeeds gives what it printed', async () => {
  expect(await run(node, ['-p', '6 * 7'])).toBe('42\n');
});

test('a command that fails gives its exit code and all it printed', async () => {
  const failing = run(node, ['-e', 'console.log("one"); console.error("two"); process.exit(3)']);
  await expect(failing).rejects.toMatchObject({ message: expect.stringMatching(/exited with 3$/), log: 'one\ntwo\n' });
});

test('a command that is not there is a failure', async () => {
  await expect(run('no-such-command', [])).rejects.toThrow(/no-such-command\s+did not start/);
});

test('a command that takes too long is stopped', async () => {
  await expect(run(node, ['-e', 'setInterval(() => {}, 1000)'], { seconds: 0.5 })).rejects.toThrow(
    /longer than 0.5 s$/,
  );
});
