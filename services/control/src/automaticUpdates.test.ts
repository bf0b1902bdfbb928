import { importInteractions, listSolutionVersions, markData, upsertItems } from '@attune/database';
import { itemId, userId } from '@attune/domain';
import { eventually } from '@attune/testing';
import { type AutomaticUpdates, startAutomaticUpdates } from './automaticUpdates';
import { describeOnBoth, FILMS, SOLUTION, startVersionLife, type VersionLife } from './versionLife.fixture';

const INTERVAL_SECONDS = 1;

describeOnBoth('Automatic trainings', (open) => {
  let life: VersionLife;
  let running: AutomaticUpdates[];

  beforeAll(async () => {
    life = await startVersionLife(open);
  });
  afterAll(() => life.stop());
  beforeEach(async () => {
    running = [];
    await life.clear();
  });
  afterEach(() => Promise.all(running.map((updates) => updates.stop())));

  const start = () => running.push(startAutomaticUpdates({ ...life, updateIntervalSeconds: INTERVAL_SECONDS }));
  const versions = () => listSolutionVersions(life.database, SOLUTION);
  const decided = async (decision: string) => {
    const text = await life.registry.getSingleMetricAsString('attune_control_automatic_trainings_total');
    return Number(new RegExp(`decision="${decision}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };
  const click = () => {
    const interaction = { userId: userId('u'), itemId: itemId('i'), timestamp: 1, eventType: 'click' };
    return importInteractions(life.database, FILMS, [interaction]);
  };
  /** A deployed version that has seen all data there is. */
  const deployTrained = async () => {
    const arn = await life.train('full', { dataMark: await markData(life.database, FILMS) });
    await life.deploy('films', arn, true);
    return arn;
  };

  test('update a deployed solution where there are new interactions, once', async () => {
    const full = await deployTrained();
    await click();
    start();
    await expect(versions()).resolves.toHaveLength(1);
    life.clock.now += 1000 * INTERVAL_SECONDS;
    await eventually(async () => expect(await versions()).toHaveLength(2));
    const [update] = await versions();
    const created = { trainingMode: 'UPDATE', trainingType: 'AUTOMATIC', status: 'CREATE PENDING', baseArn: full };
    expect(update).toMatchObject(created);
    const jobs = await life.database.query(`select 1 from job_queue.job where data ->> 'arn' = $1`, [update!.arn]);
    expect(jobs).toHaveLength(1);
    life.clock.now += 1000 * INTERVAL_SECONDS;
    await eventually(async () => expect(await decided('training')).toBeGreaterThan(0));
    await expect(versions()).resolves.toHaveLength(2);
  });

  test('update where there are new items', async () => {
    await deployTrained();
    await upsertItems(life.database, FILMS, [{ itemId: itemId('new'), metadata: {} }]);
    life.clock.now += 1000 * INTERVAL_SECONDS;
    start();
    await eventually(async () => expect(await decided('update')).toBe(1));
  });

  test('update nothing where nothing is new, and say so', async () => {
    await deployTrained();
    life.clock.now += 1000 * INTERVAL_SECONDS;
    start();
    await eventually(async () => expect(await decided('nothing_new')).toBe(1));
    await expect(versions()).resolves.toHaveLength(1);
  });

  test('are made once, however many processes make them', async () => {
    await deployTrained();
    await click();
    life.clock.now += 1000 * INTERVAL_SECONDS;
    for (let process = 0; process < 4; process++) start();
    await eventually(async () => expect(await versions()).toHaveLength(2));
    await Promise.all(running.map((updates) => updates.stop()));
    await expect(versions()).resolves.toHaveLength(2);
    await expect(decided('update')).resolves.toBe(1);
  });

  test('begin in full by the schedule of the solution, once there is data', async () => {
    const solutionConfig = { autoTrainingConfig: { schedulingExpression: 'rate(1 day)' } };
    await life.clear({ performAutoTraining: true, solutionConfig });
    life.clock.now += 3600 * 1000;
    start();
    await eventually(async () => expect(await decided('no_data')).toBe(1));
    await click();
    life.clock.now += 1000 * INTERVAL_SECONDS;
    await eventually(async () => expect(await decided('full')).toBe(1));
    const [version] = await versions();
    expect(version).toMatchObject({ trainingMode: 'FULL', trainingType: 'AUTOMATIC', status: 'CREATE PENDING' });
  });
});
