import {
  CreateBatchInferenceJobCommand,
  CreateDatasetGroupCommand,
  CreateFilterCommand,
  CreateRecommenderCommand,
  DeleteDatasetGroupCommand,
  DescribeAlgorithmCommand,
  DescribeFeatureTransformationCommand,
  DescribeFilterCommand,
  DescribeRecipeCommand,
  ListBatchSegmentJobsCommand,
  ListFiltersCommand,
  ListMetricAttributionsCommand,
  ListRecipesCommand,
  ListTagsForResourceCommand,
  type PersonalizeClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, startControlApi } from './controlApi.fixture';
import { USER_PERSONALIZATION } from './recipes';

const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const GROUP = `${ARN}:dataset-group/films`;

let api: ControlApi;
let client: PersonalizeClient;

beforeAll(async () => {
  api = await startControlApi();
  client = api.client;
});
afterAll(() => api.stop());
beforeEach(() => api.clear());

const tags = (count: number, prefix = 'key') =>
  Array.from({ length: count }, (_, n) => ({ tagKey: `${prefix}-${n}`, tagValue: String(n) }));
const createGroup = (given = tags(0)) => client.send(new CreateDatasetGroupCommand({ name: 'films', tags: given }));
const tag = (given: ReturnType<typeof tags>) =>
  client.send(new TagResourceCommand({ resourceArn: GROUP, tags: given }));
const tagsOf = async (resourceArn = GROUP) => (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;

describe('tags', () => {
  test('are set on creation and later, changed, and taken away', async () => {
    await createGroup([{ tagKey: 'team', tagValue: 'films' }]);
    await tag([
      { tagKey: 'team', tagValue: 'cinema' },
      { tagKey: 'cost', tagValue: '' },
    ]);
    await expect(tagsOf()).resolves.toEqual([
      { tagKey: 'cost', tagValue: '' },
      { tagKey: 'team', tagValue: 'cinema' },
    ]);
    await client.send(new UntagResourceCommand({ resourceArn: GROUP, tagKeys: ['cost', 'unheard of'] }));
    await expect(tagsOf()).resolves.toEqual([{ tagKey: 'team', tagValue: 'cinema' }]);
  });

  test('go with their resource', async () => {
    await createGroup(tags(3));
    await client.send(new DeleteDatasetGroupCommand({ datasetGroupArn: GROUP }));
    await expect(tagsOf()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await createGroup();
    await expect(tagsOf()).resolves.toEqual([]);
  });

  test('are 50 at most', async () => {
    await createGroup(tags(50));
    await tag(tags(50));
    await expect(tag(tags(1, 'more'))).rejects.toMatchObject({
      name: 'TooManyTagsException',
      message: `${GROUP} would have 51 tags. It may have 50.`,
    });
    const tagKeys = tags(51).map(({ tagKey }) => tagKey);
    await expect(client.send(new UntagResourceCommand({ resourceArn: GROUP, tagKeys }))).rejects.toMatchObject({
      name: 'TooManyTagKeysException',
    });
  });

  test('that are too many leave no resource behind', async () => {
    await expect(createGroup(tags(51))).rejects.toMatchObject({ name: 'TooManyTagsException' });
    await createGroup();
  });

  test.each([
    ['a key twice', [...tags(1), ...tags(1)], 'The tag key "key-0" is given twice.'],
    ["a key of AWS's", [{ tagKey: 'AWS:x', tagValue: '' }], 'begins with aws:'],
  ])('with %s are refused', async (_what, given, message) => {
    await expect(createGroup(given)).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['a schema', `${ARN}:schema/films`, 'InvalidInputException', "can't have tags"],
    ['what is not there', `${ARN}:campaign/films`, 'ResourceNotFoundException', 'There is no campaign'],
    [
      'another account',
      'arn:aws:personalize:us-east-1:111111111111:solution/x',
      'InvalidInputException',
      'of the account',
    ],
  ])('of %s are refused', async (_what, resourceArn, name, message) => {
    await expect(tagsOf(resourceArn)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});

test('the recipe tells what its algorithm and its filter of histories can be told', async () => {
  const { recipes } = await client.send(new ListRecipesCommand({ recipeProvider: 'SERVICE' }));
  expect(recipes!.map(({ recipeArn }) => recipeArn)).toEqual([USER_PERSONALIZATION, `${USER_PERSONALIZATION}-v2`]);
  await expect(client.send(new ListRecipesCommand({ domain: 'ECOMMERCE' }))).resolves.toMatchObject({ recipes: [] });
  const { recipe } = await client.send(new DescribeRecipeCommand({ recipeArn: USER_PERSONALIZATION }));
  expect(recipe).toMatchObject({ status: 'ACTIVE', recipeType: 'USER_PERSONALIZATION' });
  const { algorithmArn, featureTransformationArn } = recipe!;
  const { algorithm } = await client.send(new DescribeAlgorithmCommand({ algorithmArn }));
  expect(algorithm).toMatchObject({
    defaultHyperParameters: { hidden_dimension: '149', bptt: '32', recency_mask: 'true' },
    defaultHyperParameterRanges: {
      integerHyperParameterRanges: [
        { name: 'hidden_dimension', minValue: 32, maxValue: 256, isTunable: true },
        { name: 'bptt', minValue: 2, maxValue: 32, isTunable: true },
      ],
      categoricalHyperParameterRanges: [{ name: 'recency_mask', values: ['true', 'false'], isTunable: true }],
    },
  });
  const described = await client.send(new DescribeFeatureTransformationCommand({ featureTransformationArn }));
  expect(described.featureTransformation).toMatchObject({
    defaultParameters: { min_user_history_length_percentile: '0', max_user_history_length_percentile: '0.99' },
  });
});

test('the second version of the recipe has hyperparameters of its own', async () => {
  const recipeArn = `${USER_PERSONALIZATION}-v2`;
  const { recipe } = await client.send(new DescribeRecipeCommand({ recipeArn }));
  expect(recipe).toMatchObject({
    name: 'aws-user-personalization-v2',
    status: 'ACTIVE',
    recipeType: 'USER_PERSONALIZATION',
  });
  const { algorithm } = await client.send(new DescribeAlgorithmCommand({ algorithmArn: recipe!.algorithmArn }));
  expect(algorithm).toMatchObject({
    defaultHyperParameters: { apply_recency_bias: 'true', hidden_dimension: '64', num_layers: '2' },
  });
  const { featureTransformationArn } = recipe!;
  const described = await client.send(new DescribeFeatureTransformationCommand({ featureTransformationArn }));
  expect(described.featureTransformation).toMatchObject({
    defaultParameters: { min_user_history_length_percentile: '0', max_user_history_length_percentile: '1' },
  });
});

test('a recipe that is not offered is not found, and the answer names one that is', async () => {
  const recipeArn = 'arn:aws:personalize:::recipe/aws-sims';
  await expect(client.send(new DescribeRecipeCommand({ recipeArn }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `There is no recipe ${recipeArn}. There is ${USER_PERSONALIZATION}, ${USER_PERSONALIZATION}-v2.`,
  });
});

test('filters and batch jobs have their place, and say that they come later', async () => {
  await createGroup();
  const filter = { name: 'f', datasetGroupArn: GROUP, filterExpression: 'EXCLUDE ItemID WHERE Items.X IN ("a")' };
  await expect(client.send(new CreateFilterCommand(filter))).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: 'Filters are not there yet: they come in a later version.',
  });
  await expect(client.send(new ListFiltersCommand({ datasetGroupArn: GROUP }))).resolves.toMatchObject({ Filters: [] });
  await expect(client.send(new DescribeFilterCommand({ filterArn: `${ARN}:filter/f` }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const job = new CreateBatchInferenceJobCommand({
    jobName: 'j',
    solutionVersionArn: `${ARN}:solution/films/00000001`,
    roleArn: 'arn:aws:iam::000000000000:role/personalize',
    jobInput: { s3DataSource: { path: 's3://in/users.jsonl' } },
    jobOutput: { s3DataDestination: { path: 's3://out/' } },
  });
  await expect(client.send(job)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test.each([
  [
    'recommenders',
    new CreateRecommenderCommand({ name: 'r', datasetGroupArn: GROUP, recipeArn: USER_PERSONALIZATION }),
    'CreateRecommender: Recommenders',
  ],
  ['metric attributions', new ListMetricAttributionsCommand({}), 'ListMetricAttributions: Metric attributions'],
  ['segments', new ListBatchSegmentJobsCommand({}), 'ListBatchSegmentJobs: Batch segment jobs'],
])('%s are outside of this project', async (_what, command, message) => {
  await expect(client.send(command as ListMetricAttributionsCommand)).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(message),
  });
});
