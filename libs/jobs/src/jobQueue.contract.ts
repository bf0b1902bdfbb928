import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@attune/database';
import { createLogger, createMetrics, type Registry } from '@attune/service';
import { eventually } from '@attune/testing';
import type { JobHandler, JobQueue, WorkOptions } from './jobQueue';
import { migrateJobs } from './migrateJobs';
import { openJobQueue } from './openJobQueue';

/**
 * What a JobQueue must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function jobQueueContract(name: string, open: () => Promise<Database>): void {
  describe(`A job queue on ${name}`, () => {
    let database: Database;
    const queues: JobQueue[] = [];
    const logger = createLogger({ service: 'test', level: 'silent' });

    beforeAll(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await migrateJobs(database);
      await database.query('delete from job_queue.job');
    });
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.stop()));
    });
    afterAll(async () => {
      await database.close();
    });

    const openQueue = async (options: { alone?: boolean; metrics?: Registry } = {}): Promise<JobQueue> => {
      const queue = await openJobQueue({ database, logger, metrics: createMetrics(), pollIntervalMs: 10, ...options });
      queues.push(queue);
      return queue;
    };
    const begun: string[] = [];
    const givenUp: string[] = [];
    beforeEach(() => {
      begun.length = 0;
      givenUp.length = 0;
    });
    const noting: JobHandler = async ({ arn }) => void begun.push(arn);
    const untilAborted: JobHandler = ({ arn }, signal) => {
      begun.push(arn);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const options: WorkOptions = {
      onGivenUp: async (arn, reason) => void givenUp.push(`${arn}: ${reason}`),
    };
    /** As if the pauses before the next attempts were over. */
    const hurry = () => database.query(`update job_queue.job set start_after = now() - interval '1 s'`);
    const left = async () => (await database.query(`select * from job_queue.job where state <> 'completed'`)).length;

    test('needs its schema, and says how to make it', async () => {
      await database.runScript('drop schema job_queue cascade');
      await expect(openQueue()).rejects.toMatchObject({
        code: 'NotReady',
        message: 'The database lacks the job queue. Run attune migrate, then start again.',
      });
    });

    test('gives jobs to the workers of their kind, oldest first', async () => {
      const queue = await openQueue();
      for (const arn of ['a', 'b', 'c']) await queue.send('import', { arn });
      await queue.send('export', { arn: 'other' });
      queue.work('import', noting, options);
      await eventually(() => expect(begun).toEqual(['a', 'b', 'c']));
      await eventually(async () => expect(await left()).toBe(1));
    });

    test('has a job of a transaction when that commits, and not where it rolls back', async () => {
      const queue = await openQueue();
      queue.work('import', noting, options);
      await database.transaction(async (transaction) => {
        await queue.send('import', { arn: 'committed' }, { transaction });
        await pause(50);
        expect(begun).toEqual([]);
      });
      const regretted = database.transaction(async (transaction) => {
        await queue.send('import', { arn: 'regretted' }, { transaction });
        throw new Error('changed my mind');
      });
      await expect(regretted).rejects.toThrow('changed my mind');
      await queue.send('import', { arn: 'last' });
      await eventually(() => expect(begun).toEqual(['committed', 'last']));
    });

    test('gives each job to one of many workers, each of which takes so many at one time', async () => {
      let running = 0;
      let most = 0;
      const handler: JobHandler = async ({ arn }) => {
        most = Math.max(most, ++running);
        await pause(5);
        begun.push(arn);
        running--;
      };
      const arns = Array.from({ length: 40 }, (_, index) => String(index));
      for (const queue of [await openQueue(), await openQueue(), await openQueue()]) {
        queue.work('import', handler, { ...options, concurrency: 2 });
      }
      for (const arn of arns) await queues[0]!.send('import', { arn });
      await eventually(async () => expect(await left()).toBe(0));
      expect(begun.toSorted()).toEqual(arns.toSorted());
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(6);
    });

    test('begins a job again where its handler threw, and gives it up with what the last attempt threw', async () => {
      const queue = await openQueue();
      const attempts: number[] = [];
      const handler: JobHandler = async ({ attempt }) => {
        attempts.push(attempt);
        throw new Error(`attempt ${attempt} went wrong`);
      };
      queue.work('import', handler, options);
      await queue.send('import', { arn: 'a' });
      await eventually(async () => {
        await hurry();
        expect(givenUp).toEqual(['a: attempt 6 went wrong']);
      });
      expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
      await eventually(async () => expect(await left()).toBe(0));
    });

    test('tells of a given up job again where that failed', async () => {
      const queue = await openQueue();
      await queue.send('import', { arn: 'a' });
      await database.query(`update job_queue.job set state = 'failed'`);
      const onGivenUp = async (arn: string, reason: string) => {
        givenUp.push(`${arn}: ${reason}`);
        if (givenUp.length === 1) throw new Error('the database was away');
      };
      queue.work('import', noting, { onGivenUp });
      await eventually(async () => expect(await left()).toBe(0));
      const died = 'a: the processes that worked on it died';
      expect([givenUp, begun]).toEqual([[died, died], []]);
    });

    test('gives a job of a worker that stops to the next one, as if it had never begun', async () => {
      const queue = await openQueue();
      const worker = queue.work('training', untilAborted, options);
      await queue.send('training', { arn: 'a' });
      await eventually(() => expect(begun).toEqual(['a']));
      await worker.stop();
      const attempts: number[] = [];
      (await openQueue()).work('training', async ({ attempt }) => void attempts.push(attempt), options);
      await eventually(() => expect(attempts).toEqual([1]));
    });

    test('aborts a job that another worker has meanwhile, and leaves it to that one', async () => {
      const queue = await openQueue();
      let finish = () => {};
      const signals: AbortSignal[] = [];
      const handler: JobHandler = (_, signal) => {
        signals.push(signal);
        return new Promise((resolve) => {
          finish = resolve;
        });
      };
      queue.work('training', handler, options);
      await queue.send('training', { arn: 'a' });
      await eventually(() => expect(signals).toHaveLength(1));
      await database.query('update job_queue.job set retry_count = retry_count + 1');
      await eventually(() => expect(signals[0]!.aborted).toBe(true));
      finish();
      await queue.stop();
      await expect(left()).resolves.toBe(1);
    });

    test('begins at once what an earlier process left, where there is no other', async () => {
      await (await openQueue()).send('training', { arn: 'a' });
      await database.query(`update job_queue.job set state = 'active', started_on = now()`);
      const attempts: number[] = [];
      const restarted = await openQueue({ alone: true });
      restarted.work('training', async ({ attempt }) => void attempts.push(attempt), options);
      await eventually(() => expect(attempts).toEqual([2]));
    });

    test('shows how many jobs wait, and how they ended', async () => {
      const metrics = createMetrics();
      const queue = await openQueue({ metrics });
      const worker = queue.work('import', untilAborted, options);
      for (const arn of ['a', 'b', 'c']) await queue.send('import', { arn });
      const shown = async (name: string, labels: object) => {
        const { values } = await metrics.getSingleMetric(name)!.get();
        const found = values.find((value) => JSON.stringify(value.labels) === JSON.stringify(labels));
        return found?.value;
      };
      await eventually(async () => {
        expect(await shown('attune_jobs', { queue: 'import', state: 'waiting' })).toBe(2);
        expect(await shown('attune_jobs', { queue: 'import', state: 'held' })).toBe(1);
      });
      await worker.stop();
      const text = await metrics.metrics();
      expect(text).toContain('attune_job_seconds_count{queue="import",outcome="released"} 1');
    });
  });
}
