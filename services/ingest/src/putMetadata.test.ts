import { speakRestJson } from '@attune/aws';
import { type Batch, type Bus, type CatalogNotice, openEmbeddedLog, topics } from '@attune/bus';
import { createDatasetGroup, type Database, migrate, openPglite } from '@attune/database';
import { datasetGroupName, ResourceNotFoundError } from '@attune/domain';
import { createLogger, createMetrics, type HttpServer, startHttpServer } from '@attune/service';
import { eventually } from '@attune/testing';
import type { PutDataset } from './putMetadata';
import { type Ingest, startIngest } from './startIngest';

const GROUP = datasetGroupName('films');
const ARN = 'arn:aws:personalize:us-east-1:000000000000:dataset/films';
const NOW = 1_700_000_000_000;

const DATASETS: Readonly<Record<string, PutDataset>> = {
  [`${ARN}/ITEMS`]: {
    datasetGroup: GROUP,
    kind: 'items',
    columns: [
      { name: 'ITEM_ID', type: 'string', nullable: false },
      { name: 'GENRES', type: 'string', nullable: false },
      { name: 'RUN_TIME', type: 'int', nullable: true },
      { name: 'PRICE', type: 'float', nullable: true },
      { name: 'ON_AIR', type: 'boolean', nullable: true },
      { name: 'CREATION_TIMESTAMP', type: 'long', nullable: true },
    ],
  },
  [`${ARN}/USERS`]: {
    datasetGroup: GROUP,
    kind: 'users',
    columns: [
      { name: 'USER_ID', type: 'string', nullable: false },
      { name: 'AGE', type: 'int', nullable: true },
    ],
  },
};

let database: Database;
let bus: Bus;
let ingest: Ingest;
let http: HttpServer;

beforeAll(async () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics();
  database = await openPglite();
  await migrate(database);
  await createDatasetGroup(database, { name: GROUP, createdAt: 1 });
  bus = await openEmbeddedLog({ database, logger });
  const findDataset = async (arn: string) => {
    const dataset = DATASETS[arn];
    if (!dataset) throw new ResourceNotFoundError(`There is no dataset ${arn}.`);
    return dataset;
  };
  ingest = await startIngest({
    bus,
    findDatasetGroup: async () => undefined,
    metadata: { database, findDataset },
    now: () => NOW,
    metrics,
    logger,
  });
  http = await startHttpServer({
    port: 0,
    logger,
    metrics,
    configure: speakRestJson,
    routes: [ingest.routes],
    health: async () => ({ missing: [] }),
  });
});
beforeEach(async () => {
  await database.query('delete from item');
  await database.query('delete from user_profile');
});
afterAll(async () => {
  await http.stop();
  await ingest.stop();
  await bus.close();
  await database.close();
});

async function post(path: string, body: object) {
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('x-amzn-errortype'), body: await response.text() };
}
const putItems = (items: object[], kind = 'ITEMS') => post('/items', { datasetArn: `${ARN}/${kind}`, items });
const item = (itemId: string, properties: object) => ({ itemId, properties: JSON.stringify(properties) });
const OK = { status: 200, type: null, body: '' };

test('items are stored under their columns, the latest with an id, and the catalogue changes', async () => {
  const notices: CatalogNotice[] = [];
  const onBatch = async ({ messages }: Batch<CatalogNotice>) =>
    void notices.push(...messages.map(({ value }) => value));
  const following = await bus.follow(topics.catalog, { from: 'end', onBatch });
  await expect(putItems([item('a', { genres: 'War' })])).resolves.toEqual(OK);
  const full = { genres: 'War|Drama', runTime: 90, price: 2.5, onAir: false, creationTimestamp: 7 };
  await expect(
    putItems([item('b', { genres: 'x' }), item('b', full), item('a', { genres: 'Sci-Fi' })]),
  ).resolves.toEqual(OK);
  await expect(database.query('select item_id, creation_ms, metadata, put from item order by 1')).resolves.toEqual([
    { item_id: 'a', creation_ms: null, metadata: { GENRES: 'Sci-Fi' }, put: true },
    {
      item_id: 'b',
      creation_ms: 7000,
      metadata: { GENRES: 'War|Drama', RUN_TIME: 90, PRICE: 2.5, ON_AIR: false },
      put: true,
    },
  ]);
  await eventually(() => expect(notices).toHaveLength(2));
  expect(notices[0]).toEqual({ datasetGroup: 'films', kind: 'items', changedAt: NOW });
  await following.stop();
});

test('users are stored, with properties or without', async () => {
  const users = [{ userId: 'u1', properties: '{"age": 30}' }, { userId: 'u2' }];
  await expect(post('/users', { datasetArn: `${ARN}/USERS`, users })).resolves.toEqual(OK);
  await expect(database.query('select user_id, metadata, put from user_profile order by 1')).resolves.toEqual([
    { user_id: 'u1', metadata: { AGE: 30 }, put: true },
    { user_id: 'u2', metadata: {}, put: true },
  ]);
});

test.each([
  ['a property that is no column', { genres: 'x', colour: 'red' }, 'colour'],
  ['a value of another type', { genres: 7 }, 'Member must have the type of its column, string'],
  ['a fraction where whole numbers are', { genres: 'x', runTime: 1.5 }, 'type of its column, int'],
  ['a time in another unit', { genres: 'x', creationTimestamp: 1_700_000_000_000 }, 'from 0 to 4102444800'],
  ['a missing property', { runTime: 1 }, 'Member must not be null'],
])('an item with %s is refused, and with it the call', async (_what, properties, message) => {
  const answer = await putItems([item('good', { genres: 'x' }), item('bad', properties)]);
  expect(answer).toMatchObject({ status: 400, type: 'InvalidInputException' });
  expect(answer.body).toContain(message);
  expect(answer.body).toContain('items.2.member.properties');
  await expect(database.query('select from item')).resolves.toEqual([]);
});

test('a dataset that is not there, or is of another kind, is named', async () => {
  await expect(putItems([item('a', { genres: 'x' })], 'NONE')).resolves.toMatchObject({
    status: 404,
    type: 'ResourceNotFoundException',
  });
  const answer = await putItems([item('a', { genres: 'x' })], 'USERS');
  expect(answer).toMatchObject({ status: 400, type: 'InvalidInputException' });
  expect(answer.body).toContain('Expected an ARN of items: it ends in /ITEMS.');
});
