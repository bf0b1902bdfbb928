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
