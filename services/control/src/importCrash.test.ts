import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openEmbeddedLog } from '@attune/bus';
import { findDatasetJob, migrate, openPostgres } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { migrateJobs, openJobQueue } from '@attune/jobs';
import { directoryObjectStore } from '@attune/objectstore';
import { createLogger, createMetrics } from '@attune/service';
import { describeOnServers } from '@attune/testing';
import { SCOPE } from './controlApi.fixture';
import { ensureDatasetGroup } from './ensureDatasetGroup';
import { importJobHandlers } from './importJobs';

const GROUP = datasetGroupName('films');
const ROWS = 300_000;

describeOnServers('An import', ['postgres'], (servers) => {
  const workers: ChildProcess[] = [];
  afterEach(async () => {
    for (const worker of workers.splice(0)) await kill(worker);
  });

  test('whose process is killed in the middle is done by another, once and whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-import-'));
    const url = await servers.postgres.createDatabase();
    const database = await openPostgres({ url });
    await migrate(database);
    await migrateJobs(database);
    const logger = createLogger({ service: 'test', level: 'silent' });
    const bus = await openEmbeddedLog({ database, logger });
    const jobs = await openJobQueue({ database, logger, metrics: createMetrics() });
    const objects = directoryObjectStore(folder);
    const parts = { database, bus, jobs, objects, logger, scope: SCOPE, now: Date.now };
    await ensureDatasetGroup(parts, GROUP);
    const clicks = Array.from({ length: ROWS }, (_, row) => `user-${row % 1000},item-${row % 100},${row}\n`);
    await objects.put('s3://data/clicks.csv', Buffer.from(`USER_ID,ITEM_ID,TIMESTAMP\n${clicks.join('')}`));

    const { datasetImportJobArn: arn = '' } = await importJobHandlers(parts).CreateDatasetImportJob({
      jobName: 'clicks',
      datasetArn: 'arn:aws:personalize:us-east-1:000000000000:dataset/films/INTERACTIONS',
      dataSource: { dataLocation: 's3://data/clicks.csv' },
      importMode: 'INCREMENTAL',
    });
    const statusOf = async () => (await findDatasetJob(database, arn))?.status;
    const startWorker = () => {
      const worker = fork(join(__dirname, 'importWorker.fixture.js'), [url, folder], { stdio: 'inherit' });
      workers.push(worker);
      return worker;
    };
    const first = startWorker();
    while ((await statusOf()) !== 'CREATE IN_PROGRESS') await pause(5);
    await pause(100);
    await kill(first);
    expect(await statusOf()).toBe('CREATE IN_PROGRESS');
    await expect(database.query('select count(*) as rows from interaction')).resolves.toEqual([{ rows: 0 }]);

    startWorker();
    startWorker();
    while ((await statusOf()) === 'CREATE IN_PROGRESS') await pause(50);
    expect(await statusOf()).toBe('ACTIVE');
    await expect(database.query('select count(*) as rows from interaction')).resolves.toEqual([{ rows: ROWS }]);
    await jobs.stop();
    await bus.close();
    await database.close();
    await rm(folder, { recursive: true });
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
