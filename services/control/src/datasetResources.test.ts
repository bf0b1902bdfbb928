import { type Bus, topics } from '@attune/bus';
import { archiveInteractions, upsertItems } from '@attune/database';
import { datasetGroupName, itemId, UnavailableError } from '@attune/domain';
import { buildInteraction, eventually } from '@attune/testing';
import {
  CreateDatasetCommand,
  CreateDatasetGroupCommand,
  CreateEventTrackerCommand,
  CreateSchemaCommand,
  DeleteDatasetCommand,
  DeleteDatasetGroupCommand,
  DeleteEventTrackerCommand,
  DeleteSchemaCommand,
  DescribeDatasetCommand,
  DescribeDatasetGroupCommand,
  DescribeEventTrackerCommand,
  DescribeSchemaCommand,
  ListDatasetGroupsCommand,
  ListDatasetsCommand,
  ListEventTrackersCommand,
  ListSchemasCommand,
  type PersonalizeClient,
  UpdateDatasetCommand,
} from '@aws-sdk/client-personalize';
import { type ControlApi, INTERACTION_FIELDS, START, schemaOf, startControlApi } from './controlApi.fixture';
import { ensureDatasetGroup } from './ensureDatasetGroup';

const ARN = 'arn:aws:personalize:us-east-1:000000000000';
const INTERACTIONS = schemaOf('Interactions', INTERACTION_FIELDS);
const ITEMS = schemaOf('Items', [
  { name: 'ITEM_ID', type: 'string' },
  { name: 'GENRES', type: ['null', 'string'], categorical: true },
]);

let api: ControlApi;
let client: PersonalizeClient;

beforeAll(async () => {
  api = await startControlApi();
  client = api.client;
});
afterAll(() => api.stop());
beforeEach(() => api.clear());

const createGroup = async (name: string) =>
  (await client.send(new CreateDatasetGroupCommand({ name }))).datasetGroupArn!;
const createSchema = async (name: string, schema: string) =>
  (await client.send(new CreateSchemaCommand({ name, schema }))).schemaArn!;
const createDataset = async (datasetGroupArn: string, datasetType: string, schemaArn: string) =>
  (await client.send(new CreateDatasetCommand({ name: datasetType, datasetGroupArn, datasetType, schemaArn })))
    .datasetArn!;

describe('dataset groups', () => {
  test('are described as they were made', async () => {
    const roleArn = 'arn:aws:iam::000000000000:role/personalize';
    const { datasetGroupArn } = await client.send(new CreateDatasetGroupCommand({ name: 'films', roleArn }));
    expect(datasetGroupArn).toBe(`${ARN}:dataset-group/films`);
    const { datasetGroup } = await client.send(new DescribeDatasetGroupCommand({ datasetGroupArn }));
    expect(datasetGroup).toEqual({
      name: 'films',
      datasetGroupArn,
      roleArn,
      status: 'ACTIVE',
      creationDateTime: new Date(START),
      lastUpdatedDateTime: new Date(START),
    });
  });

  test('have names of their own', async () => {
    await createGroup('films');
    await expect(createGroup('films')).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'There is a dataset group "films" already.',
    });
  });

  test('for a domain are refused', async () => {
    const create = client.send(new CreateDatasetGroupCommand({ name: 'shop', domain: 'ECOMMERCE' }));
    await expect(create).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining('domain is ECOMMERCE. Dataset groups for a domain'),
    });
  });

  test('go when they are empty, and not before', async () => {
    const datasetGroupArn = await createGroup('films');
    const schema = await createSchema('films', INTERACTIONS);
    const dataset = await createDataset(datasetGroupArn, 'Interactions', schema);
    const { eventTrackerArn } = await client.send(new CreateEventTrackerCommand({ name: 'clicks', datasetGroupArn }));
    await expect(client.send(new DeleteDatasetGroupCommand({ datasetGroupArn }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Dataset group "films" is not empty. Delete first: ${eventTrackerArn}, ${dataset}.`,
    });
    await client.send(new DeleteEventTrackerCommand({ eventTrackerArn }));
    await client.send(new DeleteDatasetCommand({ datasetArn: dataset }));
    await client.send(new DeleteDatasetGroupCommand({ datasetGroupArn }));
    await expect(client.send(new DescribeDatasetGroupCommand({ datasetGroupArn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `There is no dataset group ${datasetGroupArn}.`,
    });
  });
});

describe('pages of a list', () => {
  const names = async (nextToken?: string) => {
    const page = await client.send(new ListDatasetGroupsCommand({ maxResults: 2, nextToken }));
    return { names: page.datasetGroups!.map(({ name }) => name), nextToken: page.nextToken };
  };

  test('are in order of creation, and shift by nothing that comes or goes between them', async () => {
    for (const name of ['d', 'a', 'c', 'b']) await createGroup(name);
    api.setTime(START + 1);
    await createGroup('later');
    const first = await names('');
    expect(first).toEqual(await names());
    expect(first.names).toEqual(['a', 'b']);
    await createGroup('latest');
    await client.send(new DeleteDatasetGroupCommand({ datasetGroupArn: `${ARN}:dataset-group/a` }));
    await client.send(new DeleteDatasetGroupCommand({ datasetGroupArn: `${ARN}:dataset-group/b` }));
    const second = await names(first.nextToken);
    expect(second.names).toEqual(['c', 'd']);
    const third = await names(second.nextToken);
    expect(third).toEqual({ names: ['later', 'latest'], nextToken: undefined });
  });

  test.each([
    ['nonsense', () => 'nonsense'],
    ['another list', (token: string) => token, new ListSchemasCommand({})],
    ['a token that was changed', (token: string) => `${token.slice(0, -4)}AAAA`],
  ])('refuse %s for a token', async (_what, change, list = new ListDatasetGroupsCommand({})) => {
    for (const name of ['a', 'b', 'c']) await createGroup(name);
    const { nextToken } = await names();
    list.input.nextToken = change(nextToken!);
    await expect(client.send(list as ListDatasetGroupsCommand)).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
      message: expect.stringContaining('nextToken'),
    });
  });

  test('refuse a token of the same list with other bounds', async () => {
    const schema = await createSchema('films', INTERACTIONS);
    const items = await createSchema('items', ITEMS);
    const groups = [await createGroup('a'), await createGroup('b')];
    for (const group of groups) {
      await createDataset(group, 'Interactions', schema);
      await createDataset(group, 'Items', items);
    }
    const page = (datasetGroupArn: string, nextToken?: string) =>
      client.send(new ListDatasetsCommand({ datasetGroupArn, maxResults: 1, nextToken }));
    const { nextToken, datasets } = await page(groups[0]!);
    expect(datasets).toHaveLength(1);
    expect((await page(groups[0]!, nextToken)).datasets).toHaveLength(1);
    await expect(page(groups[1]!, nextToken)).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });
});

describe('schemas', () => {
  test('are described as they were given, to the letter', async () => {
    const schema = `  ${INTERACTIONS}\n`;
    const schemaArn = await createSchema('films', schema);
    expect(schemaArn).toBe(`${ARN}:schema/films`);
    const described = await client.send(new DescribeSchemaCommand({ schemaArn }));
    expect(described.schema).toMatchObject({ name: 'films', schemaArn, schema });
    expect((await client.send(new ListSchemasCommand({}))).schemas).toMatchObject([{ schemaArn }]);
  });

  test('that are not valid are refused with what is wrong', async () => {
    await expect(createSchema('films', schemaOf('Interactions', INTERACTION_FIELDS.slice(1)))).rejects.toMatchObject({
      name: 'InvalidInputException',
      message:
        'The schema is not valid. The field USER_ID of type string is missing, which every schema for interactions has.',
    });
  });

  test('go when no dataset has them', async () => {
    const schemaArn = await createSchema('films', INTERACTIONS);
    const datasetArn = await createDataset(await createGroup('films'), 'Interactions', schemaArn);
    await expect(client.send(new DeleteSchemaCommand({ schemaArn }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: expect.stringContaining(datasetArn),
    });
    await client.send(new DeleteDatasetCommand({ datasetArn }));
    await client.send(new DeleteSchemaCommand({ schemaArn }));
    expect((await client.send(new ListSchemasCommand({}))).schemas).toEqual([]);
  });
});

describe('datasets', () => {
  let group: string;
  let schema: string;
  beforeEach(async () => {
    group = await createGroup('films');
    schema = await createSchema('items', ITEMS);
  });

  test('are of one type, whose case does not matter', async () => {
    const datasetArn = await createDataset(group, 'iTeMs', schema);
    expect(datasetArn).toBe(`${ARN}:dataset/films/ITEMS`);
    const { dataset } = await client.send(new DescribeDatasetCommand({ datasetArn }));
    expect(dataset).toMatchObject({
      datasetType: 'ITEMS',
      datasetGroupArn: group,
      schemaArn: schema,
      status: 'ACTIVE',
    });
  });

  test.each([
    ['a type that is none', 'Films', 'datasetType is "Films". Expected Interactions, Items or Users.'],
    ['actions', 'Action_Interactions', 'Actions are outside of this project.'],
    ['a schema of another type', 'Users', 'is a schema for items, and this dataset is of users.'],
  ])('with %s are refused', async (_what, type, message) => {
    await expect(createDataset(group, type, schema)).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining(message),
    });
  });

  test('there is one of each type in a group', async () => {
    await createDataset(group, 'Items', schema);
    await expect(createDataset(group, 'Items', schema)).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
  });

  test('get a schema with more columns, and keep those they have', async () => {
    const datasetArn = await createDataset(group, 'Items', schema);
    const change = async (name: string, fields: object[]) => {
      const schemaArn = await createSchema(name, schemaOf('Items', [{ name: 'ITEM_ID', type: 'string' }, ...fields]));
      await client.send(new UpdateDatasetCommand({ datasetArn, schemaArn }));
      return schemaArn;
    };
    const genres = { name: 'GENRES', type: ['string', 'null'] };
    await expect(change('wrong', [{ name: 'YEAR', type: 'int' }])).rejects.toMatchObject({
      name: 'InvalidInputException',
      message:
        "The dataset can't have this schema: the column GENRES is gone; the new column YEAR can't be null, and stored rows have none.",
    });
    await expect(change('other', [{ ...genres, type: ['int', 'null'] }])).rejects.toThrow(
      'GENRES goes from string to int',
    );
    api.setTime(START + 1000);
    const schemaArn = await change('right', [genres, { name: 'YEAR', type: ['null', 'int'] }]);
    const { dataset } = await client.send(new DescribeDatasetCommand({ datasetArn }));
    expect(dataset).toMatchObject({
      schemaArn,
      lastUpdatedDateTime: new Date(START + 1000),
      latestDatasetUpdate: { schemaArn, status: 'ACTIVE', creationDateTime: new Date(START + 1000) },
    });
  });

  test('go with their data, and say so on the bus', async () => {
    const name = datasetGroupName('films');
    const items = await createDataset(group, 'Items', schema);
    const interactions = await createDataset(group, 'Interactions', await createSchema('clicks', INTERACTIONS));
    await upsertItems(api.parts.database, name, [{ itemId: itemId('a'), metadata: {} }]);
    await archiveInteractions(api.parts.database, [
      { event: buildInteraction({ datasetGroup: 'films' }), partition: 0, offset: 0 },
    ]);
    const { notices, stop } = await catalogNotices(api.parts.bus);
    for (const datasetArn of [items, interactions]) await client.send(new DeleteDatasetCommand({ datasetArn }));
    const [left] = await api.parts.database.query(
      'select (select count(*) from item) + (select count(*) from interaction) + (select count(*) from interaction_event_id) as rows',
    );
    expect(left).toEqual({ rows: 0 });
    // A dataset that an earlier test deleted may be announced before these.
    await eventually(() => expect(notices.slice(-2)).toEqual(['films items', 'films interactions']));
    await stop();
  });

  test('go while the bus is away, which hears of it later', async () => {
    const datasetArn = await createDataset(group, 'Items', schema);
    const { notices, stop } = await catalogNotices(api.parts.bus);
    const publish = jest.spyOn(api.parts.bus, 'publish').mockRejectedValue(new UnavailableError('The bus is away.'));
    await client.send(new DeleteDatasetCommand({ datasetArn }));
    await eventually(() => expect(publish).toHaveBeenCalled());
    expect(notices).toEqual([]);
    publish.mockRestore();
    await eventually(() => expect(notices).toEqual(['films items']));
    await stop();
  });

  test('stay while work on their group goes on', async () => {
    const datasetArn = await createDataset(group, 'Items', schema);
    const job = `${ARN}:dataset-import-job/first`;
    await api.parts.database.query(
      `insert into dataset_job (arn, kind, name, dataset_group, dataset_arn, status, definition, created_ms, updated_ms)
       values ($1, 'import', 'first', 'films', $2, 'CREATE IN_PROGRESS', '{}', 1, 1)`,
      [job, datasetArn],
    );
    await expect(client.send(new DeleteDatasetCommand({ datasetArn }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `${datasetArn} can't be deleted while work on its group goes on: ${job}.`,
    });
  });
});

describe('event trackers', () => {
  test('have a tracking id, one in a group', async () => {
    const datasetGroupArn = await createGroup('films');
    const create = (name: string) => client.send(new CreateEventTrackerCommand({ name, datasetGroupArn }));
    const { eventTrackerArn, trackingId } = await create('clicks');
    expect(trackingId).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    const { eventTracker } = await client.send(new DescribeEventTrackerCommand({ eventTrackerArn }));
    expect(eventTracker).toMatchObject({ name: 'clicks', accountId: '000000000000', trackingId, datasetGroupArn });
    await expect(create('more')).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'Dataset group "films" has the event tracker "clicks" already: one is all it may have.',
    });
    const list = await client.send(new ListEventTrackersCommand({ datasetGroupArn }));
    expect(list.eventTrackers).toMatchObject([{ eventTrackerArn, status: 'ACTIVE' }]);
  });

  test('are listed of a group that is there', async () => {
    const list = client.send(new ListEventTrackersCommand({ datasetGroupArn: `${ARN}:dataset-group/none` }));
    await expect(list).rejects.toMatchObject({ name: 'InvalidInputException', message: /There is no dataset group/ });
  });
});

test.each([
  ['another region', 'arn:aws:personalize:eu-west-1:000000000000:schema/x', 'is of the region "eu-west-1"'],
  ['another account', 'arn:aws:personalize:us-east-1:111111111111:schema/x', 'is of the account "111111111111"'],
  ['another kind', `${ARN}:solution/x`, 'names a solution, not a schema'],
  ['no kind', `${ARN}:cupboard/x`, 'is not an ARN of this service'],
])('an ARN of %s is refused', async (_what, schemaArn, message) => {
  await expect(client.send(new DescribeSchemaCommand({ schemaArn }))).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(message),
  });
});

test('what the demo makes are ordinary resources, made once', async () => {
  const name = datasetGroupName('demo');
  await ensureDatasetGroup(api.parts, name, { items: ['TITLE', 'PRICE'] });
  await ensureDatasetGroup(api.parts, name);
  const { datasets } = await client.send(new ListDatasetsCommand({ datasetGroupArn: `${ARN}:dataset-group/demo` }));
  expect(datasets!.map(({ datasetType }) => datasetType)).toEqual(['INTERACTIONS', 'ITEMS', 'USERS']);
  const { schema } = await client.send(new DescribeSchemaCommand({ schemaArn: `${ARN}:schema/demo-items` }));
  expect(JSON.parse(schema!.schema!).fields.map((field: { name: string }) => field.name)).toEqual([
    'ITEM_ID',
    'CREATION_TIMESTAMP',
    'TITLE',
    'PRICE',
  ]);
});

async function catalogNotices(bus: Bus): Promise<{ notices: string[]; stop(): Promise<void> }> {
  const notices: string[] = [];
  const following = await bus.follow(topics.catalog, {
    from: 'end',
    onBatch: async ({ messages }) => {
      notices.push(...messages.map(({ value }) => `${value.datasetGroup} ${value.kind}`));
    },
  });
  return { notices, stop: () => following.stop() };
}
