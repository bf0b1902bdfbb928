import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPglite } from '@attune/database';
import { createLogger, createMetrics } from '@attune/service';
import { eventually } from '@attune/testing';
import { jobQueueContract } from './jobQueue.contract';
import { openJobQueue } from './openJobQueue';

jobQueueContract('PGlite', () => openPglite());

test('An embedded queue begins a job anew at the next start after its process was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-jobs-'));
  const place = join(folder, 'database');
  const child = fork(join(__dirname, 'queueWorker.fixture.js'), [place], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  expect(await once(child, 'message')).toContainEqual({ began: 'a' });
  child.kill('SIGKILL');
  await once(child, 'exit');

  const database = await openPglite(place);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const queue = await openJobQueue({ database, logger, metrics: createMetrics(), alone: true });
  const attempts: number[] = [];
  queue.work('training', async ({ attempt }) => void attempts.push(attempt), { onGivenUp: async () => {} });
  await eventually(() => expect(attempts).toEqual([2]));
  await queue.stop();
  await database.close();
  await rm(folder, { recursive: true });
});
