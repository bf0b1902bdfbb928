import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bus, openEmbeddedLog } from '@attune/bus';
import {
  createDatasetGroup,
  createSolution,
  createSolutionVersion,
  type Database,
  findSolutionVersion,
  importInteractions,
  migrate,
  openPglite,
  type SolutionVersion,
} from '@attune/database';
import { datasetGroupName, itemId, userId } from '@attune/domain';
import { type JobQueue, migrateJobs, openJobQueue } from '@attune/jobs';
import { directoryObjectStore, type ObjectStore } from '@attune/objectstore';
import { Random } from '@attune/recommender';
import { createLogger, createMetrics } from '@attune/service';
import { eventually } from '@attune/testing';
import { startTrainer, type Trainer } from './startTrainer';

const SHOP = datasetGroupName('shop');
const SOLUTION = 'arn:aws:personalize:us-east-1:000000000000:solution/shop';
const CHECKPOINTS = 's3://attune/models/checkpoints/shop';

/** Clicks of users who walk around a ring of items, four times out of five to the next one. */
function clicks(users: number, steps: number, from = 0) {
  const random = new Random(5 + from);
  return Array.from({ length: users }, (_, user) => {
    let item = Math.floor(random.uniform() * 40);
    return Array.from({ length: steps }, (_, step) => {
      item = random.uniform() < 0.8 ? (item + 1) % 40 : Math.floor(random.uniform() * 40);
      const timestamp = (from + step) * 60_000;
      return { userId: userId(`u${user}`), itemId: itemId(`i${item}`), eventType: 'click', timestamp };
    });
  }).flat();
}

let database: Database;
let jobs: JobQueue;
let bus: Bus;
let objects: ObjectStore;
let folder: string;
const trainers: Trainer[] = [];
let whole: SolutionVersion;

beforeAll(async () => {
  database = await openPglite();
  await migrate(database);
  await migrateJobs(database);
  const logger = createLogger({ service: 'test', level: 'silent' });
  bus = await openEmbeddedLog({ database, logger });
  jobs = await openJobQueue({ database, metrics: createMetrics(), logger, pollIntervalMs: 20 });
  folder = await mkdtemp(join(tmpdir(), 'attune-crash-'));
  objects = directoryObjectStore(join(folder, 'objects'));
  await createDatasetGroup(database, { name: SHOP, createdAt: 1 });
  const recipeArn = 'arn:aws:personalize:::recipe/aws-user-personalization';
  await createSolution(database, {
    arn: SOLUTION,
    name: 'shop',
    datasetGroup: SHOP,
    recipeArn,
    definition: {},
    createdAt: 1,
  });
  await importInteractions(database, SHOP, clicks(45, 23));
  whole = await ended(await create('whole'), start('first'));
}, 180_000);
afterAll(async () => {
  await Promise.all(trainers.map((trainer) => trainer.stop()));
  await jobs.stop();
  await bus.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** @param machine has files of its own, and shares the object store with the others */
function start(machine: string): Trainer {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const parts = { database, jobs, bus, objects, logger, metrics: createMetrics(), codeVersion: 'test', now: Date.now };
  const workFolder = join(folder, machine);
  const trainer = startTrainer({ ...parts, workFolder, artifactRoot: 's3://attune/models', checkpointSeconds: 0.2 });
  trainers.push(trainer);
  return trainer;
}

async function create(id: string): Promise<string> {
  const arn = `${SOLUTION}/${id}`;
  const definition = { solutionConfig: { algorithmHyperParameters: { hidden_dimension: '32', bptt: '8' } } };
  await createSolutionVersion(database, { arn, solutionArn: SOLUTION, datasetGroup: SHOP, definition, createdAt: 1 });
  await jobs.send('training', { arn });
  return arn;
}

async function ended(arn: string, trainer: Trainer): Promise<SolutionVersion> {
  for (;;) {
    const version = await findSolutionVersion(database, arn);
    if (version && !/PENDING|IN_PROGRESS/.test(version.status)) {
      await trainer.stop();
      return version;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const hasCheckpoint = (id: string) =>
  eventually(async () => expect(await objects.list(`${CHECKPOINTS}/${id}/checkpoint`)).toHaveLength(1));

async function expectSameModel(version: SolutionVersion): Promise<void> {
  expect(version).toMatchObject({ status: 'ACTIVE' });
  expect({ ...version.metrics, comparedWith: undefined, comparison: undefined }).toEqual(whole.metrics);
  for (const name of ['model.safetensors', 'measured.safetensors']) {
    const [one, other] = await Promise.all(
      [whole, version].map(({ artifactUri }) => objects.get(`${artifactUri}/${name}`)),
    );
    expect([name, Buffer.compare(one!, other!)]).toEqual([name, 0]);
  }
  expect(await objects.list(`${CHECKPOINTS}/`)).toEqual([]);
}

test('a training process that is killed is followed by one that makes the same model', async () => {
  const arn = await create('killed');
  const trainer = start('first');
  await hasCheckpoint('killed');
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(process.pid), '-f', 'trainingProcess.js']);
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
  await expectSameModel(await ended(arn, trainer));
}, 180_000);

test('a training whose trainer is gone goes on with another, on the data it began with', async () => {
  const arn = await create('moved');
  const first = start('first');
  await hasCheckpoint('moved');
  await first.stop();
  await importInteractions(database, SHOP, clicks(45, 5, 100));
  const version = await ended(arn, start('second'));
  await expectSameModel(version);
  expect(version.dataMark).toEqual(whole.dataMark);
}, 180_000);
