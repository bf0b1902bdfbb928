import { createSolutionVersion } from '@attune/database';
import { datasetGroupName } from '@attune/domain';
import {
  CreateDatasetCommand,
  CreateDatasetGroupCommand,
  CreateSchemaCommand,
  CreateSolutionCommand,
  type CreateSolutionCommandInput,
  DeleteSolutionCommand,
  DescribeSolutionCommand,
  ListSolutionsCommand,
  type PersonalizeClient,
  UpdateSolutionCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, INTERACTION_FIELDS, START, schemaOf, startControlApi } from './controlApi.fixture';
import { USER_PERSONALIZATION } from './recipes';

const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const GROUP = `${ARN}:dataset-group/films`;
const SOLUTION = `${ARN}:solution/films`;

let api: ControlApi;
let client: PersonalizeClient;

beforeAll(async () => {
  api = await startControlApi();
  client = api.client;
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.clear();
  await client.send(new CreateDatasetGroupCommand({ name: 'films' }));
});

type Settings = Partial<CreateSolutionCommandInput>;

async function create(settings: Settings = {}): Promise<void> {
  const solution = { name: 'films', datasetGroupArn: GROUP, recipeArn: USER_PERSONALIZATION, ...settings };
  await client.send(new CreateSolutionCommand(solution));
}

const describeSolution = async () =>
  (await client.send(new DescribeSolutionCommand({ solutionArn: SOLUTION }))).solution!;

test('a solution trains by itself every 7 days, unless it says otherwise', async () => {
  await create();
  await expect(describeSolution()).resolves.toEqual({
    name: 'films',
    solutionArn: SOLUTION,
    datasetGroupArn: GROUP,
    recipeArn: USER_PERSONALIZATION,
    performAutoML: false,
    performHPO: false,
    performIncrementalUpdate: false,
    performAutoTraining: true,
    solutionConfig: { autoTrainingConfig: { schedulingExpression: 'rate(7 days)' } },
    status: 'ACTIVE',
    creationDateTime: new Date(START),
    lastUpdatedDateTime: new Date(START),
  });
});

test('a solution shows all the settings it was made with', async () => {
  const settings: Settings = {
    performAutoTraining: false,
    solutionConfig: {
      algorithmHyperParameters: { hidden_dimension: '64', bptt: '16', recency_mask: 'false' },
      featureTransformationParameters: { max_user_history_length_percentile: '0.95' },
      eventsConfig: { eventParametersList: [{ eventType: 'watch', eventValueThreshold: 0.5, weight: 0.3 }] },
      optimizationObjective: { objectiveSensitivity: 'OFF' },
      autoTrainingConfig: { schedulingExpression: 'rate(1 day)' },
    },
  };
  await create(settings);
  await expect(describeSolution()).resolves.toMatchObject(settings);
});

test.each<[string, Settings, string]>([
  [
    'another recipe',
    { recipeArn: 'arn:aws:personalize:::recipe/aws-sims' },
    'recipeArn is "arn:aws:personalize:::recipe/aws-sims"',
  ],
  ['no recipe', { recipeArn: undefined }, 'recipeArn is missing'],
  ['AutoML', { performAutoML: true }, 'performAutoML is true.'],
  ['incremental updates', { performIncrementalUpdate: true }, 'performIncrementalUpdate is true.'],
])('a solution with %s is refused', async (_what, settings, message) => {
  await expect(create(settings)).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(message),
  });
});

test.each<[string, NonNullable<Settings['solutionConfig']>, string]>([
  [
    'a hyperparameter out of range',
    { algorithmHyperParameters: { bptt: '33' } },
    'algorithmHyperParameters.bptt is "33". Expected a whole number from 2 to 32.',
  ],
  [
    'an unknown hyperparameter',
    { algorithmHyperParameters: { depth: '3' } },
    'algorithmHyperParameters.depth is no hyperparameter',
  ],
  [
    'a percentile out of range',
    { featureTransformationParameters: { max_user_history_length_percentile: '2' } },
    'max_user_history_length_percentile is "2"',
  ],
  [
    'a misplaced hyperparameter',
    { featureTransformationParameters: { bptt: '3' } },
    'featureTransformationParameters.bptt is no parameter',
  ],
  [
    'a percentile twice',
    {
      featureTransformationParameters: { min_user_history_length_percentile: '0' },
      algorithmHyperParameters: { min_user_history_length_percentile: '0.1' },
    },
    'stands in both',
  ],
  ['ranges without a search', { hpoConfig: {} }, 'solutionConfig.hpoConfig has no effect without performHPO'],
  ['AutoML', { autoMLConfig: {} }, 'solutionConfig.autoMLConfig has no effect'],
  [
    'a threshold that is no number',
    { eventValueThreshold: 'high' },
    'eventValueThreshold is "high". Expected a number',
  ],
  [
    'events without a type',
    { eventsConfig: { eventParametersList: [{ weight: 1 }] } },
    'eventParametersList.1.member.eventType is missing',
  ],
  [
    'an event type twice',
    { eventsConfig: { eventParametersList: [{ eventType: 'a' }, { eventType: 'a' }] } },
    'eventParametersList.2.member.eventType is "a" once more',
  ],
  [
    'a weight beyond 1',
    { eventsConfig: { eventParametersList: [{ eventType: 'a', weight: 2 }] } },
    'less than or equal to 1',
  ],
  [
    'weights of nothing',
    { eventsConfig: { eventParametersList: [{ eventType: 'a', weight: 0 }] } },
    'gives every type of event the weight 0',
  ],
  [
    'a threshold beside those of events',
    { eventValueThreshold: '1', eventsConfig: { eventParametersList: [{ eventType: 'a' }] } },
    'eventType and eventValueThreshold beside it are one too many',
  ],
  [
    'an objective',
    { optimizationObjective: { itemAttribute: 'PRICE', objectiveSensitivity: 'LOW' } },
    'optimizationObjective has no effect yet',
  ],
  [
    'an objective without a word of how much',
    { optimizationObjective: { itemAttribute: 'PRICE' } },
    'optimizationObjective has no effect yet',
  ],
  [
    'trainings every 0 days',
    { autoTrainingConfig: { schedulingExpression: 'rate(0 days)' } },
    'schedulingExpression is "rate(0 days)". Expected rate(1 day) to rate(30 days).',
  ],
  [
    'trainings every 31 days',
    { autoTrainingConfig: { schedulingExpression: 'rate(31 days)' } },
    'schedulingExpression is "rate(31 days)"',
  ],
  [
    'columns of a dataset that is not there',
    { trainingDataConfig: { excludedDatasetColumns: { ITEMS: ['PRICE'] } } },
    'excludedDatasetColumns.ITEMS: the dataset group has no such dataset',
  ],
  [
    'columns that are in and out',
    { trainingDataConfig: { includedDatasetColumns: { ITEMS: [] }, excludedDatasetColumns: { ITEMS: [] } } },
    'includedDatasetColumns and excludedDatasetColumns both name ITEMS',
  ],
])('a configuration with %s is refused', async (_what, solutionConfig, message) => {
  await expect(create({ solutionConfig })).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(message),
  });
});

const ranges: NonNullable<Settings['solutionConfig']> = {
  algorithmHyperParameters: { recency_mask: 'true' },
  hpoConfig: {
    hpoObjective: { type: 'Maximize', metricName: 'mean_reciprocal_rank_at_25' },
    hpoResourceConfig: { maxNumberOfTrainingJobs: '6', maxParallelTrainingJobs: '2' },
    algorithmHyperParameterRanges: {
      integerHyperParameterRanges: [{ name: 'hidden_dimension', minValue: 32, maxValue: 128 }],
      categoricalHyperParameterRanges: [{ name: 'recency_mask', values: ['true', 'false'] }],
    },
  },
};

test('a solution may search its hyperparameters', async () => {
  await create({ performHPO: true, solutionConfig: ranges });
  await expect(describeSolution()).resolves.toMatchObject({ performHPO: true, solutionConfig: ranges });
});

test.each<[string, NonNullable<NonNullable<Settings['solutionConfig']>['hpoConfig']>, string]>([
  [
    'a range that reaches beyond the recipe’s',
    { algorithmHyperParameterRanges: { integerHyperParameterRanges: [{ name: 'bptt', minValue: 1, maxValue: 8 }] } },
    'integerHyperParameterRanges.1.member.minValue is 1. Expected a whole number from 2 to 32.',
  ],
  [
    'a range of what can not be tuned',
    { algorithmHyperParameterRanges: { continuousHyperParameterRanges: [{ name: 'exploration_weight' }] } },
    'HPO of aws-user-personalization tunes hidden_dimension, bptt, recency_mask.',
  ],
  [
    'too many trials',
    { hpoResourceConfig: { maxNumberOfTrainingJobs: '41' } },
    'Expected a whole number from 1 to 40.',
  ],
  ['an unknown objective', { hpoObjective: { metricName: 'loss' } }, 'hpoObjective.metricName is "loss".'],
])('a search with %s is refused', async (_what, hpoConfig, message) => {
  await expect(create({ performHPO: true, solutionConfig: { hpoConfig } })).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(message),
  });
});

test('a solution may train without some columns, of those that are there and can be spared', async () => {
  const fields = [...INTERACTION_FIELDS, { name: 'DEVICE', type: ['string', 'null'] }];
  const schema = new CreateSchemaCommand({ name: 'films', schema: schemaOf('Interactions', fields) });
  const { schemaArn } = await client.send(schema);
  const dataset = { name: 'films', schemaArn, datasetGroupArn: GROUP, datasetType: 'Interactions' };
  await client.send(new CreateDatasetCommand(dataset));
  const without = (...columns: string[]): Settings => ({
    solutionConfig: { trainingDataConfig: { excludedDatasetColumns: { INTERACTIONS: columns } } },
  });
  await expect(create(without('DEVICE', 'COLOUR'))).rejects.toThrow(
    'excludedDatasetColumns.INTERACTIONS: there is no column "COLOUR". There is USER_ID, ITEM_ID, TIMESTAMP, DEVICE.',
  );
  await expect(create(without('USER_ID'))).rejects.toThrow("USER_ID is needed for training, and can't be left out.");
  const only: Settings = {
    solutionConfig: { trainingDataConfig: { includedDatasetColumns: { INTERACTIONS: ['COLOUR'] } } },
  };
  await expect(create(only)).rejects.toThrow('includedDatasetColumns.INTERACTIONS: there is no column "COLOUR"');
  await create(without('DEVICE'));
  await expect(describeSolution()).resolves.toMatchObject(without('DEVICE'));
});

test('a solution trains on one type of event, or on those of a list', async () => {
  const settings: Settings = { eventType: 'watch', solutionConfig: { eventValueThreshold: '3.5' } };
  await create(settings);
  await expect(describeSolution()).resolves.toMatchObject(settings);
  const eventsConfig = { eventParametersList: [{ eventType: 'buy' }] };
  const update = new UpdateSolutionCommand({ solutionArn: SOLUTION, solutionUpdateConfig: { eventsConfig } });
  await expect(client.send(update)).rejects.toThrow('eventType and eventValueThreshold beside it are one too many');
});

test('an update changes when a solution trains, and on which events', async () => {
  await create({ solutionConfig: { algorithmHyperParameters: { bptt: '16' } } });
  api.setTime(START + 1000);
  const solutionUpdateConfig = {
    autoTrainingConfig: { schedulingExpression: 'rate(3 days)' },
    eventsConfig: { eventParametersList: [{ eventType: 'buy', eventValueThreshold: 20 }] },
  };
  const update = { solutionArn: SOLUTION, performAutoTraining: false, solutionUpdateConfig };
  await client.send(new UpdateSolutionCommand(update));
  await expect(describeSolution()).resolves.toMatchObject({
    performAutoTraining: false,
    solutionConfig: { ...solutionUpdateConfig, algorithmHyperParameters: { bptt: '16' } },
    lastUpdatedDateTime: new Date(START + 1000),
    latestSolutionUpdate: {
      solutionUpdateConfig,
      performAutoTraining: false,
      status: 'ACTIVE',
      creationDateTime: new Date(START + 1000),
    },
  });
  await expect(client.send(new UpdateSolutionCommand({ solutionArn: SOLUTION }))).rejects.toThrow('Nothing to update');
});

test('solutions are listed by dataset group, and have names of their own', async () => {
  await create();
  await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  await client.send(new CreateDatasetGroupCommand({ name: 'songs' }));
  await create({ name: 'songs', datasetGroupArn: `${ARN}:dataset-group/songs` });
  const list = async (datasetGroupArn?: string) =>
    (await client.send(new ListSolutionsCommand({ datasetGroupArn }))).solutions!.map(({ name }) => name);
  expect([await list(), await list(GROUP)]).toEqual([['films', 'songs'], ['films']]);
});

test('a solution goes with its versions and their models, once nothing uses it', async () => {
  await create();
  const { database, objects } = api.parts;
  const version = `${SOLUTION}/0badcafe`;
  const datasetGroup = datasetGroupName('films');
  await createSolutionVersion(database, { arn: version, solutionArn: SOLUTION, datasetGroup, createdAt: START });
  const remove = () => client.send(new DeleteSolutionCommand({ solutionArn: SOLUTION }));
  await expect(describeSolution()).resolves.toMatchObject({
    latestSolutionVersion: { solutionVersionArn: version, status: 'CREATE PENDING', trainingMode: 'FULL' },
  });
  await expect(remove()).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: expect.stringContaining(version),
  });
  await objects.put('s3://attune/models/films/manifest.json', Buffer.from('{}'));
  await database.query(`update solution_version set status = 'ACTIVE', artifact_uri = 's3://attune/models/films'`);
  await remove();
  await expect(describeSolution()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(database.query('select arn from solution_version')).resolves.toEqual([]);
  await expect(objects.list('s3://attune/models/')).resolves.toEqual([]);
});
