import { createSolutionVersion } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import {
  CreateCampaignCommand,
  type CreateCampaignCommandInput,
  CreateDatasetGroupCommand,
  CreateSolutionCommand,
  DeleteCampaignCommand,
  DeleteSolutionCommand,
  DescribeCampaignCommand,
  ListCampaignsCommand,
  type PersonalizeClient,
  UpdateCampaignCommand,
  type UpdateCampaignCommandInput,
} from '@aws-sdk/client-personalize';
import { ensureCampaign } from './campaignHandlers';
import { type ControlApi, START, startControlApi } from './controlApi.fixture';
import { USER_PERSONALIZATION } from './recipes';

const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const CAMPAIGN = `${ARN}:campaign/films`;
const SOLUTION = `${ARN}:solution/films`;
const FIRST = `${SOLUTION}/00000001`;
const SECOND = `${SOLUTION}/00000002`;

let api: ControlApi;
let client: PersonalizeClient;

beforeAll(async () => {
  api = await startControlApi();
  client = api.client;
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.clear();
  await createSolution('films');
});

async function createSolution(name: string): Promise<void> {
  const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name }));
  await client.send(new CreateSolutionCommand({ name, datasetGroupArn, recipeArn: USER_PERSONALIZATION }));
}

async function createVersion(arn: string, status = 'ACTIVE'): Promise<void> {
  const [, name] = /solution\/([^/]+)/.exec(arn)!;
  const solutionArn = `${ARN}:solution/${name}`;
  const createdAt = api.parts.now();
  await createSolutionVersion(api.parts.database, {
    arn,
    solutionArn,
    datasetGroup: datasetGroupName(name!),
    createdAt,
  });
  await api.parts.database.query('update solution_version set status = $2 where arn = $1', [arn, status]);
}

const create = (settings: Partial<CreateCampaignCommandInput> = {}) =>
  client.send(new CreateCampaignCommand({ name: 'films', solutionVersionArn: FIRST, ...settings }));
const update = (settings: Partial<UpdateCampaignCommandInput>) =>
  client.send(new UpdateCampaignCommand({ campaignArn: CAMPAIGN, ...settings }));
const describeCampaign = async () =>
  (await client.send(new DescribeCampaignCommand({ campaignArn: CAMPAIGN }))).campaign!;
const follows = async () => (await api.parts.database.query('select follows_latest from campaign'))[0]?.follows_latest;

test('a campaign shows what it serves, and how', async () => {
  await createVersion(FIRST);
  const itemExplorationConfig = {
    explorationWeight: '0.3',
    explorationItemAgeCutOff: '30',
    exposureImpressions: '100',
  };
  const campaignConfig = { itemExplorationConfig };
  await create({ minProvisionedTPS: 5, campaignConfig });
  await expect(describeCampaign()).resolves.toEqual({
    name: 'films',
    campaignArn: CAMPAIGN,
    solutionVersionArn: FIRST,
    minProvisionedTPS: 5,
    campaignConfig,
    status: 'ACTIVE',
    creationDateTime: new Date(START),
    lastUpdatedDateTime: new Date(START),
  });
  expect(await follows()).toBe(false);
});

test('a campaign on the latest version follows its solution', async () => {
  await createVersion(FIRST);
  api.setTime(START + 1);
  await createVersion(SECOND);
  api.setTime(START + 2);
  await createVersion(`${SOLUTION}/00000003`, 'CREATE IN_PROGRESS');
  await create({ solutionVersionArn: `${SOLUTION}/$LATEST` });
  expect([(await describeCampaign()).solutionVersionArn, await follows()]).toEqual([SECOND, true]);
});

test('the latest version is one that was not found worse', async () => {
  await createVersion(FIRST);
  api.setTime(START + 1);
  await createVersion(SECOND);
  await api.parts.database.query(`update solution_version set not_deployed_reason = 'worse' where arn = $1`, [SECOND]);
  await create({ solutionVersionArn: `${SOLUTION}/$LATEST` });
  expect((await describeCampaign()).solutionVersionArn).toBe(FIRST);
});

test('a campaign on the latest version stays there where it is told to', async () => {
  await createVersion(FIRST);
  const campaignConfig = { syncWithLatestSolutionVersion: false };
  await create({ solutionVersionArn: `${SOLUTION}/$LATEST`, campaignConfig });
  expect(await follows()).toBe(false);
});

test.each<[string, Partial<CreateCampaignCommandInput>, string, string]>([
  [
    'a version that is not there',
    { solutionVersionArn: SECOND },
    'ResourceNotFoundException',
    `There is no solution version ${SECOND}.`,
  ],
  [
    'a version that is in training',
    { solutionVersionArn: `${SOLUTION}/training` },
    'InvalidInputException',
    `training is CREATE IN_PROGRESS. A campaign serves versions that are ACTIVE.`,
  ],
  ['a solution', { solutionVersionArn: SOLUTION }, 'InvalidInputException', 'names a solution, not a solution version'],
  [
    'a solution without a model',
    { solutionVersionArn: `${ARN}:solution/bare/$LATEST` },
    'InvalidInputException',
    'has no ACTIVE version, nor any other',
  ],
  [
    'one version, to be followed',
    { campaignConfig: { syncWithLatestSolutionVersion: true } },
    'InvalidInputException',
    "Expected the solution's ARN followed by /$LATEST",
  ],
  ['no capacity', { minProvisionedTPS: 0 }, 'InvalidInputException', 'minProvisionedTPS'],
  [
    'an unknown setting',
    { campaignConfig: { itemExplorationConfig: { weight: '1' } } },
    'InvalidInputException',
    'itemExplorationConfig.weight is no setting.',
  ],
  [
    'too much exploration',
    { campaignConfig: { itemExplorationConfig: { explorationWeight: '1.1' } } },
    'InvalidInputException',
    'explorationWeight is "1.1". Expected a number, 0 to 1.',
  ],
  [
    'exploration that is no number',
    { campaignConfig: { itemExplorationConfig: { explorationWeight: '' } } },
    'InvalidInputException',
    'explorationWeight is "".',
  ],
  [
    'exploration of no age',
    { campaignConfig: { itemExplorationConfig: { explorationItemAgeCutOff: '0.5' } } },
    'InvalidInputException',
    'explorationItemAgeCutOff is "0.5". Expected a number, 1 or more.',
  ],
  [
    'a promise below nothing',
    { campaignConfig: { itemExplorationConfig: { exposureImpressions: '-1' } } },
    'InvalidInputException',
    'exposureImpressions is "-1". Expected a number, 0 or more.',
  ],
  [
    'a promise within no time',
    { campaignConfig: { itemExplorationConfig: { exposureHours: '0' } } },
    'InvalidInputException',
    'exposureHours is "0". Expected a number, 1 to 8760.',
  ],
  [
    'exploration of any age',
    { campaignConfig: { itemExplorationConfig: { explorationItemAgeCutOff: 'Infinity' } } },
    'InvalidInputException',
    'explorationItemAgeCutOff is "Infinity".',
  ],
])('a campaign on %s is refused', async (_what, settings, name, message) => {
  await createVersion(FIRST);
  await createVersion(`${SOLUTION}/training`, 'CREATE IN_PROGRESS');
  await createSolution('bare');
  await expect(create(settings)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});

describe('an update', () => {
  beforeEach(async () => {
    await createVersion(FIRST);
    await createVersion(SECOND);
    await create({ minProvisionedTPS: 3 });
    api.setTime(START + 1000);
  });

  test('moves a campaign, and shows how far it is', async () => {
    await update({ solutionVersionArn: SECOND });
    const { latestCampaignUpdate, ...campaign } = await describeCampaign();
    expect(campaign).toMatchObject({ solutionVersionArn: SECOND, minProvisionedTPS: 3, status: 'ACTIVE' });
    expect(latestCampaignUpdate).toEqual({
      solutionVersionArn: SECOND,
      status: 'CREATE IN_PROGRESS',
      creationDateTime: new Date(START + 1000),
      lastUpdatedDateTime: new Date(START + 1000),
    });
    api.setTime(START + 3000);
    expect((await describeCampaign()).latestCampaignUpdate).toMatchObject({ status: 'ACTIVE' });
  });

  test('changes settings alone', async () => {
    const campaignConfig = { enableMetadataWithRecommendations: true };
    await update({ minProvisionedTPS: 7, campaignConfig });
    await expect(describeCampaign()).resolves.toMatchObject({
      solutionVersionArn: FIRST,
      minProvisionedTPS: 7,
      campaignConfig,
      latestCampaignUpdate: { minProvisionedTPS: 7, campaignConfig },
    });
  });

  test('lets a campaign follow its solution, and stay again', async () => {
    const syncWithLatest = (syncWithLatestSolutionVersion: boolean, solutionVersionArn?: string) =>
      update({ solutionVersionArn, campaignConfig: { syncWithLatestSolutionVersion } });
    await expect(syncWithLatest(true)).rejects.toThrow(`which needs solutionVersionArn: ${SOLUTION}/$LATEST`);
    await syncWithLatest(true, `${SOLUTION}/$LATEST`);
    expect(await follows()).toBe(true);
    await update({ minProvisionedTPS: 2 });
    expect(await follows()).toBe(true);
    await syncWithLatest(false);
    expect(await follows()).toBe(false);
  });

  test('of nothing, or to another dataset group, is refused', async () => {
    await expect(update({})).rejects.toThrow('Nothing to update');
    await createSolution('songs');
    await createVersion(`${ARN}:solution/songs/00000001`);
    await expect(update({ solutionVersionArn: `${ARN}:solution/songs/00000001` })).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining('belongs to dataset group "songs". The campaign belongs to "films".'),
    });
  });
});

test('a campaign keeps its solution until it goes itself', async () => {
  await createVersion(FIRST);
  await create();
  await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  await expect(client.send(new DeleteSolutionCommand({ solutionArn: SOLUTION }))).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: expect.stringContaining(CAMPAIGN),
  });
  const list = async () => (await client.send(new ListCampaignsCommand({ solutionArn: SOLUTION }))).campaigns;
  await expect(list()).resolves.toMatchObject([{ campaignArn: CAMPAIGN, status: 'ACTIVE' }]);
  await client.send(new DeleteCampaignCommand({ campaignArn: CAMPAIGN }));
  await expect(list()).resolves.toEqual([]);
  await expect(describeCampaign()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await client.send(new DeleteSolutionCommand({ solutionArn: SOLUTION }));
});

test('the campaign of the demo waits for its first version', async () => {
  const wanted = { name: 'films', datasetGroup: datasetGroupName('films'), solutionArn: SOLUTION };
  await expect(ensureCampaign(api.parts, wanted)).resolves.toBe(CAMPAIGN);
  await expect(ensureCampaign(api.parts, wanted)).resolves.toBe(CAMPAIGN);
  await expect(describeCampaign()).resolves.toMatchObject({ status: 'CREATE PENDING' });
  expect(await follows()).toBe(true);
});
