import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import SingleContextEnvironment from './singleContextEnvironment';

const open = () =>
  new SingleContextEnvironment(
    { projectConfig: { fakeTimers: {} } } as JestEnvironmentConfig,
    {} as EnvironmentContext,
  );

test('what Node makes is of the same kinds as what a test makes', () => {
  expect(() => readFileSync('/no/such/file')).toThrow(Error);
  expect(new TextEncoder().encode('a')).toBeInstanceOf(Uint8Array);
  expect(structuredClone(new Float32Array(1))).toBeInstanceOf(Float32Array);
});

test('a module can be imported at run time', async () => {
  expect((await import('node:path')).sep).toBe('/');
});

test('fake timers stand for the real ones', () => {
  jest.useFakeTimers({ now: 1000 });
  const ring = jest.fn();
  setTimeout(ring, 5000);
  jest.advanceTimersByTime(5000);
  expect([ring.mock.calls.length, Date.now()]).toEqual([1, 6000]);
  jest.useRealTimers();
  expect(Date.now()).toBeGreaterThan(6000);
});

test('globals and environment variables are put back after a test file', async () => {
  const environment = open();
  const { Float32Array: before } = globalThis;
  const home = process.env.PATH;
  Object.assign(globalThis, { added: 1, Float32Array: Array });
  Object.assign(process.env, { PATH: '/', ADDED: '1' });
  await environment.teardown();
  expect(globalThis).not.toHaveProperty('added');
  expect(globalThis.Float32Array).toBe(before);
  expect(process.env).toMatchObject({ PATH: home });
  expect(process.env).not.toHaveProperty('ADDED');
});

test('a test file that leaves a server running fails', async () => {
  const environment = open();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const state = { unhandledErrors: [] };
  await environment.handleTestEvent({ name: 'run_finish' }, state);
  expect(state.unhandledErrors).toEqual([
    expect.objectContaining({ message: expect.stringContaining('1 TCPServerWrap') }),
  ]);
  await new Promise((resolve) => server.close(resolve));
});
