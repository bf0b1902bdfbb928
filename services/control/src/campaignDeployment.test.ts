import { deployVersion } from './campaignDeployment';
import { describeOnBoth, startVersionLife, type VersionLife, versionArn } from './versionLife.fixture';

describeOnBoth('A new version', (open) => {
  let life: VersionLife;
  let full: string;

  beforeAll(async () => {
    life = await startVersionLife(open);
  });
  afterAll(() => life.stop());
  beforeEach(async () => {
    await life.clear();
    full = await life.train('full');
    await life.deploy('latest', full, true);
    await life.deploy('pinned', full, false);
  });

  const deploy = (arn: string) => deployVersion(life, arn);
  const served = async () => ({ latest: await life.served('latest'), pinned: await life.served('pinned') });
  const base = () => ({ arn: full, fullArn: full });
  const counted = async (outcome: string) =>
    (await life.registry.getSingleMetricAsString('attune_control_deployments_total')).includes(`outcome="${outcome}"`);

  test('that is an automatic update is served by every campaign of its line', async () => {
    await deploy(await life.train('update', { base: base(), trainingType: 'AUTOMATIC' }));
    await expect(served()).resolves.toEqual({ latest: 'update', pinned: 'update' });
    await expect(counted('moved')).resolves.toBe(true);
  });

  test('that someone asked for is served where the campaign follows the latest', async () => {
    await deploy(await life.train('update', { base: base() }));
    await deploy(await life.train('again'));
    await expect(served()).resolves.toEqual({ latest: 'again', pinned: 'full' });
    await expect(counted('not_its_line')).resolves.toBe(true);
  });

  test('that updates another line leaves a campaign on its own', async () => {
    const other = await life.train('other');
    const base = { arn: other, fullArn: other };
    await deploy(await life.train('update', { base, trainingType: 'AUTOMATIC' }));
    await expect(served()).resolves.toEqual({ latest: 'update', pinned: 'full' });
  });

  test('is the first of a campaign that waited for one', async () => {
    await life.deploy('waiting', undefined, true);
    await deploy(full);
    await expect(life.served('waiting')).resolves.toBe('full');
  });

  test('that is announced again, after a later one, changes nothing', async () => {
    const update = await life.train('update', { base: base(), trainingType: 'AUTOMATIC' });
    await deploy(await life.train('later', { base: base(), trainingType: 'AUTOMATIC' }));
    await deploy(update);
    await expect(served()).resolves.toEqual({ latest: 'later', pinned: 'later' });
  });

  test('that is clearly worse is not served, and says why', async () => {
    const comparison = { with: full, before: 0.2, difference: -0.03, standardError: 0.01 };
    const update = await life.train('update', { base: base(), trainingType: 'AUTOMATIC', comparison });
    await deploy(update);
    await expect(served()).resolves.toEqual({ latest: 'full', pinned: 'full' });
    const reason = await life.notDeployedReason(update);
    expect(reason).toContain(
      `NDCG@10 on 500 held-out users is 0.1700, where ${full} has 0.2000: -0.0300 with a standard error of 0.0100.`,
    );
    expect(reason).toContain(`goes on with ${full}. UpdateCampaign deploys it all the same.`);
    await expect(counted('worse')).resolves.toBe(true);
  });

  test('after one that was not served goes on from the one before', async () => {
    const comparison = { with: full, before: 0.2, difference: -0.03, standardError: 0.01 };
    await deploy(await life.train('worse', { base: base(), trainingType: 'AUTOMATIC', comparison }));
    const better = { with: full, before: 0.2, difference: 0.01, standardError: 0.01 };
    await deploy(await life.train('better', { base: base(), trainingType: 'AUTOMATIC', comparison: better }));
    await expect(served()).resolves.toEqual({ latest: 'better', pinned: 'better' });
  });

  test.each([
    ['within two standard errors', { difference: -0.03, standardError: 0.016 }],
    ['by less than a twentieth', { difference: -0.009, standardError: 0.001 }],
    ['on fewer than 25 users', { difference: -0.1, standardError: 0.01, cases: 24 }],
    ['than a version that no campaign serves', { difference: -0.1, standardError: 0.01, with: versionArn('x') }],
  ])('that is worse %s is served', async (_, settings) => {
    const comparison = { with: full, before: 0.2, ...settings };
    await deploy(await life.train('update', { base: base(), trainingType: 'AUTOMATIC', comparison }));
    await expect(served()).resolves.toEqual({ latest: 'update', pinned: 'update' });
  });

  test('that is not ACTIVE, or not there, changes nothing', async () => {
    await deploy(versionArn('unheard-of'));
    await expect(served()).resolves.toEqual({ latest: 'full', pinned: 'full' });
  });
});
