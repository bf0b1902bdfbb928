import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, type ModelNotice, openEmbeddedLog, topics } from '@attune/bus';
import {
  beginTraining,
  createDatasetGroup,
  createSolution,
  createSolutionVersion,
  type Database,
  findSolutionVersion,
  finishSolutionVersion,
  importInteractions,
  migrate,
  openPglite,
  openPostgres,
  type SolutionVersion,
  stopSolutionVersion,
} from '@attune/database';
import { datasetGroupName, itemId, userId } from '@attune/domain';
import { type JobQueue, migrateJobs, openJobQueue } from '@attune/jobs';
import { directoryObjectStore, type ObjectStore } from '@attune/objectstore';
import { Random, type TrainingStory } from '@attune/recommender';
import { createLogger, createMetrics, type Registry } from '@attune/service';
import { describeOnServers, eventually } from '@attune/testing';
import { startTrainer, type Trainer } from './startTrainer';

const SHOP = datasetGroupName('shop');
const SOLUTION = 'arn:aws:personalize:us-east-1:000000000000:solution/shop';
const ITEMS = 40;
/** A training process starts at low priority, beside other tests. */
const TRAINING_BEGINS_MS = 40_000;

/** Clicks of users who walk around a ring of items, four times out of five to the next one. */
function clicks(users: number, steps: number, from = 0) {
  const random = new Random(5 + from);
  return Array.from({ length: users }, (_, user) => {
    let item = Math.floor(random.uniform() * ITEMS);
    return Array.from({ length: steps }, (_, step) => {
      item = random.uniform() < 0.8 ? (item + 1) % ITEMS : Math.floor(random.uniform() * ITEMS);
      const timestamp = (from + step) * 60_000;
      return { userId: userId(`u${user}`), itemId: itemId(`i${item}`), eventType: 'click', timestamp };
    });
  }).flat();
}

function trainerTests(name: string, open: () => Promise<Database>): void {
  describe(`The trainer, on ${name}`, () => {
    const notices: ModelNotice[] = [];
    let database: Database;
    let jobs: JobQueue;
    let bus: Bus;
    let objects: ObjectStore;
    let folder: string;
    let metrics: Registry;
    let trainers: Trainer[];

    beforeAll(async () => {
      database = await open();
      await migrate(database);
      await migrateJobs(database);
      const logger = createLogger({ service: 'test', level: 'silent' });
      bus = await openEmbeddedLog({ database, logger });
      jobs = await openJobQueue({ database, metrics: createMetrics(), logger, pollIntervalMs: 20 });
      folder = await mkdtemp(join(tmpdir(), 'attune-trainer-'));
      objects = directoryObjectStore(join(folder, 'objects'));
      await bus.follow(topics.models, {
        from: 'end',
        onBatch: async ({ messages }) => void notices.push(...messages.map(({ value }) => value)),
      });
    });
    afterAll(async () => {
      await jobs.stop();
      await bus.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      trainers = [];
      for (const table of ['campaign', 'solution_version', 'solution', 'interaction', 'item', 'dataset_group']) {
        await database.query(`delete from ${table}`);
      }
      await createDatasetGroup(database, { name: SHOP, createdAt: 1 });
      const recipeArn = 'arn:aws:personalize:::recipe/aws-user-personalization';
      const definition = {};
      await createSolution(database, {
        arn: SOLUTION,
        name: 'shop',
        datasetGroup: SHOP,
        recipeArn,
        definition,
        createdAt: 1,
      });
      await importInteractions(database, SHOP, clicks(60, 30));
    });
    afterEach(() => Promise.all(trainers.map((trainer) => trainer.stop())));

    const start = (timeBudgetSeconds = 1, memoryLimitBytes = Number.MAX_SAFE_INTEGER) => {
      metrics = createMetrics();
      const logger = createLogger({ service: 'test', level: 'silent' });
      const trainer = startTrainer({
        database,
        jobs,
        bus,
        objects,
        metrics,
        logger,
        timeBudgetSeconds,
        memoryLimitBytes,
        workFolder: join(folder, 'training'),
        artifactRoot: 's3://attune/models',
        codeVersion: 'test',
        now: Date.now,
      });
      trainers.push(trainer);
      return trainer;
    };
    const create = async (
      id: string,
      settings: { base?: SolutionVersion; hidden?: number; search?: object; createdAt?: number } = {},
    ) => {
      const { base, hidden = 32, search, createdAt = 1 } = settings;
      const arn = `${SOLUTION}/${id}`;
      const algorithmHyperParameters = { hidden_dimension: `${hidden}`, bptt: '8' };
      const definition = {
        solutionConfig: { algorithmHyperParameters, hpoConfig: search },
        performHPO: search !== undefined,
      };
      const version = { arn, solutionArn: SOLUTION, datasetGroup: SHOP, definition, createdAt };
      await createSolutionVersion(database, { ...version, ...(base && { base }) });
      await jobs.send('training', { arn });
      return arn;
    };
    const statusOf = async (arn: string) => (await findSolutionVersion(database, arn))?.status;
    const ended = async (arn: string): Promise<SolutionVersion> => {
      for (;;) {
        const version = await findSolutionVersion(database, arn);
        if (version && !/PENDING|IN_PROGRESS|STOPPING/.test(version.status)) return version;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const inProgress = (arn: string) =>
      eventually(
        async () => expect((await findSolutionVersion(database, arn))?.progress).toBeDefined(),
        TRAINING_BEGINS_MS,
      );
    const noticesOf = (arn: string) => notices.filter(({ solutionVersionArn }) => solutionVersionArn === arn);

    test('trains a version, and an update of it on what came since, held against it', async () => {
      const first = await create('full');
      start();
      const full = await ended(first);
      expect(full).toMatchObject({ status: 'ACTIVE', artifactUri: 's3://attune/models/shop/full' });
      expect(full.trainingSeconds).toBeGreaterThan(0);
      await eventually(() => expect(noticesOf(first)).toMatchObject([{ artifactUri: full.artifactUri }]));
      await importInteractions(database, SHOP, clicks(60, 10, 100));
      const update = await ended(await create('update', { base: full, createdAt: 2 }));
      expect(update).toMatchObject({ status: 'ACTIVE', metrics: { comparedWith: first, cases: 6 } });
      expect(update.metrics!.comparison).toMatchObject({ difference: expect.any(Number) });
      expect(update.dataMark!.interaction).toBe(full.dataMark!.interaction + 600);
      await eventually(async () => expect(await readdir(join(folder, 'training'))).toEqual([]));
    }, 60_000);

    test('holds a full training against the version before', async () => {
      const first = await create('first');
      start();
      await ended(first);
      const second = await ended(await create('second', { createdAt: 2 }));
      expect(second.metrics).toMatchObject({ comparedWith: first });
    }, 60_000);

    test('searches hyperparameters, and keeps the story of every trial', async () => {
      const algorithmHyperParameterRanges = {
        integerHyperParameterRanges: [{ name: 'hidden_dimension', minValue: 32, maxValue: 40 }],
      };
      const hpoResourceConfig = { maxNumberOfTrainingJobs: '3' };
      const arn = await create('search', { search: { hpoResourceConfig, algorithmHyperParameterRanges } });
      start(60);
      const { status, story, metrics: measured } = await ended(arn);
      expect({ status, measured }).toMatchObject({ status: 'ACTIVE', measured: { cases: 6 } });
      const { curve, bestEpoch, search } = story as unknown as TrainingStory;
      expect(curve.length).toBeGreaterThanOrEqual(bestEpoch!);
      expect(search!.trials.map((trial) => trial.status).sort()).toEqual(['best', 'stopped', 'stopped']);
      expect(search!.trials[0]!.hyperparameters).toEqual({ hidden_dimension: '32' });
    }, 60_000);

    test('shows the progress of the training in hand as metrics, and takes them down at its end', async () => {
      const arn = await create('full', { hidden: 256 });
      start(3);
      const ratio = new RegExp(`attune_trainer_progress_ratio\\{[^}]*${arn}"\\} 0\\.\\d+`);
      await eventually(async () => expect(await metrics.metrics()).toMatch(ratio), TRAINING_BEGINS_MS);
      await expect(metrics.metrics()).resolves.toMatch(/attune_trainer_loss\{[^}]*\} \d/);
      await ended(arn);
      await eventually(async () => expect(await metrics.metrics()).not.toContain(arn));
      await expect(metrics.metrics()).resolves.toContain('attune_trainer_solution_versions_total{outcome="active"} 1');
    }, 60_000);

    test('fails too little data with the reason', async () => {
      await database.query('delete from interaction');
      await importInteractions(database, SHOP, clicks(10, 30));
      const arn = await create('small');
      start();
      const reason = 'it has 300 interactions. Needed: at least 1000.';
      const failureReason = expect.stringContaining(reason);
      await expect(ended(arn)).resolves.toMatchObject({ status: 'CREATE FAILED', failureReason });
    }, 30_000);

    test('fails data that would take more memory than it may, before it is trained on', async () => {
      const arn = await create('large');
      start(60, 100 * 2 ** 20);
      const failureReason = expect.stringMatching(/would take about \d+ MiB of memory, and may take 100 MiB/);
      await expect(ended(arn)).resolves.toMatchObject({ status: 'CREATE FAILED', failureReason });
    }, 30_000);

    test('fails an update whose base has lost its artifact', async () => {
      const arn = await create('base');
      await beginTraining(database, arn, 1);
      const dataMark = { interaction: 0, items: 0 };
      const result = { artifactUri: 's3://attune/models/gone', metrics: {}, dataMark, trainingSeconds: 1 };
      await finishSolutionVersion(database, arn, result, 1);
      const base = (await findSolutionVersion(database, arn))!;
      start();
      const failureReason = expect.stringContaining('Create a version with trainingMode FULL.');
      const update = await ended(await create('update', { base, createdAt: 2 }));
      expect(update).toMatchObject({ status: 'CREATE FAILED', failureReason });
    }, 30_000);

    test('ends a training that is to stop, and goes on with the next', async () => {
      const arn = await create('long', { hidden: 256 });
      start(60);
      await inProgress(arn);
      const next = await create('next');
      await stopSolutionVersion(database, arn, Date.now());
      await expect(ended(arn)).resolves.toMatchObject({ status: 'CREATE STOPPED' });
      await eventually(async () => expect(await statusOf(next)).toBe('CREATE IN_PROGRESS'));
      expect(noticesOf(arn)).toEqual([]);
    }, 60_000);

    test('leaves one that was stopped before it began', async () => {
      const arn = await create('unwanted');
      await stopSolutionVersion(database, arn, 1);
      start();
      await ended(await create('next'));
      await expect(statusOf(arn)).resolves.toBe('CREATE STOPPED');
    }, 60_000);

    test('settles one that was to stop when its trainer died', async () => {
      const arn = await create('orphan');
      await beginTraining(database, arn, 1);
      await stopSolutionVersion(database, arn, 2);
      start();
      await expect(ended(arn)).resolves.toMatchObject({ status: 'CREATE STOPPED' });
    }, 30_000);

    test('gives up what it has in hand when it stops, and another begins it anew', async () => {
      const arn = await create('long', { hidden: 256 });
      const first = start(60);
      await inProgress(arn);
      await first.stop();
      await expect(statusOf(arn)).resolves.toBe('CREATE IN_PROGRESS');
      start(1);
      await expect(ended(arn)).resolves.toMatchObject({ status: 'ACTIVE' });
    }, 60_000);

    test('announces a model again whose trainer died before it could', async () => {
      const arn = await create('unannounced');
      await beginTraining(database, arn, 1);
      const dataMark = { interaction: 0, items: 0 };
      const result = { artifactUri: 's3://attune/models/shop/x', metrics: {}, dataMark, trainingSeconds: 1 };
      await finishSolutionVersion(database, arn, result, 2);
      start();
      await eventually(() => expect(noticesOf(arn)).toHaveLength(1));
    }, 30_000);
  });
}

trainerTests('PGlite', () => openPglite());
describeOnServers('PostgreSQL', ['postgres'], (servers) => {
  trainerTests('PostgreSQL', async () => openPostgres({ url: await servers.postgres.createDatabase() }));
});
