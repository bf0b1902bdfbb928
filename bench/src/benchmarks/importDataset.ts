import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { openEmbeddedLog } from '@attune/bus';
import { ensureDatasetGroup, ensureEventTracker, importJobHandlers, startDatasetJobWorkers } from '@attune/control';
import {
  type Database,
  ensurePartitions,
  findDatasetJob,
  findEventTracker,
  migrate,
  openPglite,
  openPostgres,
} from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import { startIngest } from '@attune/ingest';
import { migrateJobs, openJobQueue } from '@attune/jobs';
import { directoryObjectStore } from '@attune/objectstore';
import { Random } from '@attune/recommender';
import { createLogger, createMetrics, startHttpServer } from '@attune/service';
import { printFigure, quantile } from '../figure';

export const description = 'An import job of 1,000,000 interactions, beside a bare COPY of the same file';

const ROWS = 1_000_000;
/** The two take turns, so that a busy machine slows both alike. */
const ROUNDS = 3;
const GROUP = datasetGroupName('bench');
const SCOPE = { region: 'us-east-1', accountId: '000000000000' };
const DATASET = 'arn:aws:personalize:us-east-1:000000000000:dataset/bench/INTERACTIONS';

/**
 * `DATABASE_URL` names a PostgreSQL server on this machine, on which a database is made for the run: its COPY reads the file
 * by itself, which is the fastest that there is.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-import-'));
  await chmod(folder, 0o755);
  try {
    const file = await writeClicks(folder);
    const url = process.env.DATABASE_URL;
    if (url) await onPostgres(url, folder, file);
    else console.error('DATABASE_URL is not set: the figures on PostgreSQL are left out.');
    const pglite = await openPglite(join(folder, 'pglite'));
    await measureImports(pglite, folder, 1, 'PGlite');
    await pglite.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onPostgres(url: string, folder: string, file: string): Promise<void> {
  const name = `attune_bench_${process.pid}`;
  const server = await openPostgres({ url });
  await server.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = name;
  const database = await openPostgres({ url: own.href });
  try {
    const bare = () => bareCopy(database, file);
    const { ours, theirs } = await measureImports(database, folder, ROUNDS, 'PostgreSQL', bare);
    printFigure({
      name: 'import_rows_per_second',
      value: quantile(ours, 0.5),
      unit: `rows/s (${ROWS} interactions, 60 MB, import job from its creation to ACTIVE, median of ${ROUNDS} rounds)`,
      peer: 'bare COPY of the file, by the server, into an equal table',
      peerValue: quantile(theirs, 0.5),
    });
  } finally {
    await database.close();
    await server.query(`drop database ${name} with (force)`);
    await server.close();
  }
}

/** Imports the file in rounds, with PutEvents calls beside the last one. */
async function measureImports(
  database: Database,
  folder: string,
  rounds: number,
  label: string,
  bare?: () => Promise<number>,
): Promise<{ ours: number[]; theirs: number[] }> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const metrics = createMetrics();
  await migrate(database);
  await migrateJobs(database);
  await ensurePartitions(database, Date.now());
  const bus = await openEmbeddedLog({ database, logger });
  const jobs = await openJobQueue({ database, logger, metrics, pollIntervalMs: 20 });
  const objects = directoryObjectStore(folder);
  const parts = { database, bus, jobs, objects, scope: SCOPE, now: Date.now, logger };
  await ensureDatasetGroup(parts, GROUP);
  const trackingId = await ensureEventTracker(parts, GROUP);
  const workers = startDatasetJobWorkers(parts);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (bare) theirs.push(ROWS / (await bare()));
    const seconds = await importJob(parts);
    ours.push(ROWS / seconds);
    console.error(`${label}: import ${seconds.toFixed(1)} s, ${theirs.at(-1)?.toFixed(0) ?? '-'} rows/s bare`);
    await database.query('delete from interaction');
    await database.query('vacuum interaction');
  }
  const findDatasetGroup = async (id: Parameters<typeof findEventTracker>[1]) =>
    (await findEventTracker(database, id))?.datasetGroup;
  const ingest = await startIngest({ bus, findDatasetGroup, now: Date.now, metrics, logger });
  const health = async () => ({ missing: [] });
  const http = await startHttpServer({ port: 0, logger, metrics, routes: [ingest.routes], health });
  const importing = importJob(parts);
  const latencies = await putEventsUntil(`http://127.0.0.1:${http.port}/events`, trackingId, importing);
  for (const share of [0.5, 0.99, 1]) {
    printFigure({
      name: `import_put_events_p${share * 100}_ms`,
      value: quantile(latencies, share),
      unit: `ms (PutEvents one after the other while an import of ${ROWS} rows runs, ${label}; 1500 is a 503)`,
    });
  }
  if (!bare) printFigure({ name: 'import_rows_per_second_pglite', value: ours[0]!, unit: 'rows/s, PGlite' });
  await http.stop();
  await ingest.stop();
  await workers.stop();
  await jobs.stop();
  await bus.close();
  return { ours, theirs };
}

/** @returns the seconds from the job's creation until it is ACTIVE */
async function importJob(parts: Parameters<typeof importJobHandlers>[0]): Promise<number> {
  const start = performance.now();
  const { datasetImportJobArn: arn = '' } = await importJobHandlers(parts).CreateDatasetImportJob({
    jobName: `bench-${randomUUID()}`,
    datasetArn: DATASET,
    dataSource: { dataLocation: 's3://bench/clicks.csv' },
    importMode: 'FULL',
  });
  for (;;) {
    const job = await findDatasetJob(parts.database, arn);
    if (job?.status === 'ACTIVE') return (performance.now() - start) / 1000;
    if (job?.status === 'CREATE FAILED') throw new Error(job.failureReason);
    await pause(20);
  }
}

/** The table is partitioned and indexed as `interaction` is. @returns the seconds */
async function bareCopy(database: Database, file: string): Promise<number> {
  await database.runScript(`
    drop table if exists bare;
    create table bare (like interaction including defaults) partition by range (timestamp_ms);
    alter table bare alter dataset_group set default 'bench', alter history_key drop not null;
    create table bare_before partition of bare for values from (minvalue) to (${Date.UTC(2100, 0)});
    create table bare_default partition of bare default;
    create index on bare (dataset_group, user_id, timestamp_ms, id)`);
  const start = performance.now();
  await database.runScript(
    `copy bare (user_id, item_id, timestamp_ms, event_type, event_value) from '${file}' with (format csv, header)`,
  );
  return (performance.now() - start) / 1000;
}

/** @returns the latency of each call, in milliseconds */
async function putEventsUntil(url: string, trackingId: string, end: Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  let ended = false;
  const done = end.finally(() => {
    ended = true;
  });
  while (!ended) {
    const event = { eventType: 'click', itemId: 'i', sentAt: Date.now() / 1000 };
    const body = JSON.stringify({ trackingId, sessionId: 's', userId: 'u', eventList: [event] });
    const sent = performance.now();
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await response.text();
    latencies.push(performance.now() - sent);
    await pause(5);
  }
  await done;
  return latencies;
}

/** `s3://bench/clicks.csv`: 60 bytes a row. @returns its path */
async function writeClicks(folder: string): Promise<string> {
  await mkdir(join(folder, 'bench'));
  const path = join(folder, 'bench', 'clicks.csv');
  const random = new Random(1);
  const below = (limit: number) => Math.floor(random.uniform() * limit);
  const id = (kind: string, count: number) => `${kind}-${String(below(count)).padStart(12, '0')}`;
  const first = 1_700_000_000;
  function* chunks() {
    yield 'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n';
    for (let start = 0; start < ROWS; start += 1000) {
      let text = '';
      for (let row = start; row < start + 1000; row++) {
        text += `${id('user', 50_000)},${id('item', 20_000)},${first + row * 30},watch,${below(50) / 10}\n`;
      }
      yield text;
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(path));
  return path;
}
