import { beginTraining, failSolutionVersion, finishSolutionVersion } from '@attune/database';
import {
  CreateDatasetGroupCommand,
  CreateSolutionCommand,
  CreateSolutionVersionCommand,
  type CreateSolutionVersionCommandInput,
  DescribeSolutionVersionCommand,
  GetSolutionMetricsCommand,
  ListSolutionVersionsCommand,
  ListTagsForResourceCommand,
  type PersonalizeClient,
  StopSolutionVersionCreationCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, START, startControlApi } from './controlApi.fixture';
import { USER_PERSONALIZATION } from './recipes';

const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const SOLUTION = `${ARN}:solution/films`;
const METRICS = {
  coverage: 0.25,
  mean_reciprocal_rank_at_25: 0.375,
  normalized_discounted_cumulative_gain_at_5: 0.5,
  normalized_discounted_cumulative_gain_at_10: 0.5,
  normalized_discounted_cumulative_gain_at_25: 0.5,
  precision_at_5: 0.125,
  precision_at_10: 0.125,
  precision_at_25: 0.125,
};

let api: ControlApi;
let client: PersonalizeClient;

beforeAll(async () => {
  api = await startControlApi();
  client = api.client;
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.clear();
  const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name: 'films' }));
  const solutionConfig = { algorithmHyperParameters: { hidden_dimension: '64' } };
  const solution = { name: 'films', datasetGroupArn, recipeArn: USER_PERSONALIZATION, solutionConfig };
  await client.send(new CreateSolutionCommand({ ...solution, performAutoTraining: false }));
});

async function create(settings: Partial<CreateSolutionVersionCommandInput> = {}): Promise<string> {
  const command = new CreateSolutionVersionCommand({ solutionArn: SOLUTION, ...settings });
  return (await client.send(command)).solutionVersionArn!;
}

const describeVersion = async (solutionVersionArn: string) =>
  (await client.send(new DescribeSolutionVersionCommand({ solutionVersionArn }))).solutionVersion!;
const stop = (solutionVersionArn: string) =>
  client.send(new StopSolutionVersionCreationCommand({ solutionVersionArn }));
const metricsOf = (solutionVersionArn: string) => client.send(new GetSolutionMetricsCommand({ solutionVersionArn }));

/** What a trainer would do. */
async function train(arn: string, story: object = { curve: [] }): Promise<void> {
  const { database, now } = api.parts;
  await beginTraining(database, arn, now());
  const dataMark = { interaction: 0, items: 0 };
  const result = { artifactUri: 's3://models/1', metrics: { model: METRICS }, story, dataMark, trainingSeconds: 1800 };
  await finishSolutionVersion(database, arn, result, now());
}

test('a version shows how it was trained, with the settings of its solution', async () => {
  const arn = await create({ name: 'first', tags: [{ tagKey: 'team', tagValue: 'films' }] });
  expect(arn).toMatch(/:solution\/films\/[0-9a-f]{8}$/);
  const description = {
    name: 'first',
    solutionVersionArn: arn,
    solutionArn: SOLUTION,
    datasetGroupArn: `${ARN}:dataset-group/films`,
    recipeArn: USER_PERSONALIZATION,
    performHPO: false,
    performAutoML: false,
    performIncrementalUpdate: false,
    trainingMode: 'FULL',
    trainingType: 'MANUAL',
    solutionConfig: {
      algorithmHyperParameters: { hidden_dimension: '64' },
      autoTrainingConfig: { schedulingExpression: 'rate(7 days)' },
    },
    status: 'CREATE PENDING',
    creationDateTime: new Date(START),
    lastUpdatedDateTime: new Date(START),
  };
  await expect(describeVersion(arn)).resolves.toEqual(description);
  await train(arn);
  await expect(describeVersion(arn)).resolves.toEqual({ ...description, status: 'ACTIVE', trainingHours: 0.5 });
  const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  expect(tags).toEqual([{ tagKey: 'team', tagValue: 'films' }]);
});

test('a version that searched hyperparameters shows the best, and its updates keep them', async () => {
  const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name: 'songs' }));
  const solution = { name: 'songs', datasetGroupArn, recipeArn: USER_PERSONALIZATION, performHPO: true };
  const { solutionArn } = await client.send(new CreateSolutionCommand({ ...solution, performAutoTraining: false }));
  const arn = await create({ solutionArn });
  await expect(describeVersion(arn)).resolves.not.toHaveProperty('tunedHPOParams');
  const trials = [
    { trial: 1, hyperparameters: { bptt: '32' }, status: 'stopped', objective: 0.1, curve: [] },
    { trial: 2, hyperparameters: { bptt: '16' }, status: 'best', objective: 0.2, curve: [] },
  ];
  await train(arn, { curve: [], search: { objective: 'precision_at_5', trials } });
  const tunedHPOParams = { algorithmHyperParameters: { bptt: '16' } };
  await expect(describeVersion(arn)).resolves.toMatchObject({ performHPO: true, tunedHPOParams });
  const update = await describeVersion(await create({ solutionArn, trainingMode: 'UPDATE' }));
  expect(update).toMatchObject({ performHPO: false });
});

test('creating a version queues its training', async () => {
  const arn = await create();
  const rows = await api.parts.database.query(
    `select data ->> 'arn' as arn from job_queue.job where name = 'training'`,
  );
  expect(rows).toContainEqual({ arn });
});

test('a name is given once in a solution', async () => {
  await create({ name: 'first' });
  await expect(create({ name: 'first' })).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
});

test('an update needs a version that is ACTIVE, and starts from the latest', async () => {
  const full = await create();
  await expect(create({ trainingMode: 'UPDATE' })).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining('Create one with trainingMode FULL first'),
  });
  await train(full);
  api.setTime(START + 1000);
  const update = await create({ trainingMode: 'UPDATE' });
  await expect(describeVersion(update)).resolves.toMatchObject({ trainingMode: 'UPDATE', trainingType: 'MANUAL' });
  await train(update);
  api.setTime(START + 2000);
  const second = await create({ trainingMode: 'UPDATE' });
  const [row] = await api.parts.database.query('select base_arn, full_arn from solution_version where arn = $1', [
    second,
  ]);
  expect(row).toEqual({ base_arn: update, full_arn: full });
});

test.each([
  ['AUTOTRAIN', { trainingMode: 'AUTOTRAIN' }, 'InvalidInputException', 'Expected FULL or UPDATE'],
  ['an unknown solution', { solutionArn: `${ARN}:solution/none` }, 'ResourceNotFoundException', 'There is no solution'],
] as const)('%s is refused', async (_, settings, name, words) => {
  await expect(create(settings)).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
});

test('versions are listed in order of their creation, page by page', async () => {
  const arns: string[] = [];
  for (let second = 0; second < 3; second++) {
    api.setTime(START + second * 1000);
    arns.push(await create());
  }
  const list = (nextToken?: string) =>
    client.send(new ListSolutionVersionsCommand({ solutionArn: SOLUTION, maxResults: 2, nextToken }));
  const first = await list();
  const second = await list(first.nextToken);
  const listed = [...first.solutionVersions!, ...second.solutionVersions!];
  expect(listed.map(({ solutionVersionArn }) => solutionVersionArn)).toEqual(arns);
  expect(listed[0]).toMatchObject({ status: 'CREATE PENDING', trainingMode: 'FULL', trainingType: 'MANUAL' });
  expect(second.nextToken).toBeUndefined();
});

test('a training that waits has stopped at once; one in progress is stopping', async () => {
  const waiting = await create();
  await stop(waiting);
  await expect(describeVersion(waiting)).resolves.toMatchObject({ status: 'CREATE STOPPED' });
  const running = await create();
  await beginTraining(api.parts.database, running, START);
  await stop(running);
  await expect(describeVersion(running)).resolves.toMatchObject({ status: 'CREATE STOPPING' });
  await expect(stop(running)).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: `${running} is CREATE STOPPING. Only CREATE PENDING and CREATE IN_PROGRESS can be stopped.`,
  });
});

test("metrics have the API's names, and are there once the version is ACTIVE", async () => {
  const arn = await create();
  await expect(metricsOf(arn)).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await train(arn);
  await expect(metricsOf(arn)).resolves.toMatchObject({ solutionVersionArn: arn, metrics: METRICS });
  const failed = await create();
  await failSolutionVersion(api.parts.database, failed, 'too little', START);
  await expect(metricsOf(failed)).rejects.toMatchObject({ name: 'InvalidInputException' });
  await expect(describeVersion(failed)).resolves.toMatchObject({
    status: 'CREATE FAILED',
    failureReason: 'too little',
  });
});
