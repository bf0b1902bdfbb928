import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openPostgres } from '@attune/database';
import { createLogger, createMetrics } from '@attune/service';
import { describeOnServers, eventually } from '@attune/testing';
import { jobQueueContract } from './jobQueue.contract';
import { migrateJobs } from './migrateJobs';
import { openJobQueue } from './openJobQueue';
import { LEASE_SECONDS } from './queues';

describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  jobQueueContract('PostgreSQL', async () => openPostgres({ url: await servers.postgres.createDatabase() }));

  describe('Workers in processes of their own', () => {
    const children: ChildProcess[] = [];
    afterEach(async () => {
      for (const child of children.splice(0)) {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
    });

    test('that are killed or stand still leave their jobs to others, and know it when they wake', async () => {
      const url = await servers.postgres.createDatabase();
      const database = await openPostgres({ url });
      await migrateJobs(database);
      const logger = createLogger({ service: 'test', level: 'silent' });
      const queue = await openJobQueue({ database, logger, metrics: createMetrics() });
      for (const arn of ['a', 'b']) await queue.send('training', { arn });
      const told: unknown[] = [];
      const script = join(__dirname, 'queueWorker.fixture.js');
      for (let process = 0; process < 2; process++) {
        const child = fork(script, [url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        child.on('message', (message) => told.push(message));
        children.push(child);
      }
      await eventually(() => expect(told).toHaveLength(2));

      const attempts: string[] = [];
      queue.work('training', async ({ arn, attempt }) => void attempts.push(`${arn} ${attempt}`), {
        onGivenUp: async () => {},
        concurrency: 2,
      });
      await pause(LEASE_SECONDS * 1000);
      expect(attempts).toEqual([]);

      children[0]!.kill('SIGKILL');
      children[1]!.kill('SIGSTOP');
      await pause(LEASE_SECONDS * 1000);
      await eventually(() => expect(attempts.toSorted()).toEqual(['a 2', 'b 2']));
      children[1]!.kill('SIGCONT');
      await eventually(() => expect(told).toContainEqual({ left: expect.any(String) }));
      await queue.stop();
      await database.close();
    });
  });
});
