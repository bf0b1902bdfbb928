import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopParts } from './lifecycle';
import { createLogger } from './logger';

const logger = createLogger({ service: 'test', level: 'silent' });

test('parts stop one after the other, the last started first', async () => {
  const steps: string[] = [];
  const part = (name: string) => ({
    name,
    stop: async () => {
      steps.push(`${name} stops`);
      await new Promise(setImmediate);
      steps.push(`${name} stopped`);
    },
  });
  expect(await stopParts([part('database'), part('server')], { logger })).toBe(true);
  expect(steps).toEqual(['server stops', 'server stopped', 'database stops', 'database stopped']);
});

test('a part that fails keeps no other from being stopped', async () => {
  const stopped: string[] = [];
  const parts = [
    { name: 'database', stop: async () => void stopped.push('database') },
    { name: 'server', stop: () => Promise.reject(new Error('socket')) },
  ];
  expect(await stopParts(parts, { logger })).toBe(false);
  expect(stopped).toEqual(['database']);
});

test('a part that never ends is left behind at the deadline, and the others are still stopped', async () => {
  const stopped: string[] = [];
  const parts = [
    { name: 'database', stop: async () => void stopped.push('database') },
    { name: 'server', stop: () => new Promise<void>(() => {}) },
  ];
  expect(await stopParts(parts, { logger, deadlineMs: 20 })).toBe(false);
  expect(stopped).toEqual(['database']);
});

describe('on a signal', () => {
  /** A process that stops a part, which takes so long, when a signal comes. */
  async function startProcess(stop: string): Promise<ChildProcess> {
    const script = `
      const { stopOnSignals } = require(${JSON.stringify(join(__dirname, 'lifecycle.js'))});
      const { createLogger } = require(${JSON.stringify(join(__dirname, 'logger.js'))});
      const part = { name: 'part', stop: ${stop} };
      stopOnSignals([part], { logger: createLogger({ service: 'child', level: 'silent' }) });
      setInterval(() => {}, 1000);
      process.send('ready');`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    return child;
  }

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: the parts are stopped and the process leaves with 0',
    async (signal) => {
      const child = await startProcess('async () => process.send("stopped")');
      const stopped = once(child, 'message');
      const exited = once(child, 'exit');
      child.kill(signal);
      expect(await stopped).toEqual(['stopped', undefined]);
      expect(await exited).toEqual([0, null]);
    },
  );

  test('a part that fails makes the process leave with 1', async () => {
    const child = await startProcess('() => Promise.reject(new Error("stuck"))');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([1, null]);
  });

  test('a second signal leaves at once', async () => {
    const child = await startProcess('() => { process.send("stopping"); return new Promise(() => {}); }');
    const stopping = once(child, 'message');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await stopping;
    child.kill('SIGTERM');
    expect(await exited).toEqual([1, null]);
  });
});
