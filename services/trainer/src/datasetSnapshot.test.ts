import {
  createDataset,
  createDatasetGroup,
  createDatasetSchema,
  type Database,
  importInteractions,
  migrate,
  openPglite,
  upsertItems,
  upsertUserProfiles,
} from '@attune/database';
import { datasetGroupName, itemId, userId } from '@attune/domain';
import { readDataset } from '@attune/recommender';
import { takeDatasetSnapshot } from './datasetSnapshot';

const SHOP = datasetGroupName('shop');

const FIELDS = {
  interactions: [
    { name: 'USER_ID', type: 'string' },
    { name: 'ITEM_ID', type: 'string' },
    { name: 'TIMESTAMP', type: 'long' },
    { name: 'EVENT_TYPE', type: ['null', 'string'] },
    { name: 'DEVICE_TYPE', type: ['null', 'string'], categorical: true },
  ],
  items: [
    { name: 'ITEM_ID', type: 'string' },
    { name: 'PRICE', type: ['float', 'null'] },
    { name: 'DESCRIPTION', type: ['null', 'string'], textual: true },
    { name: 'CREATION_TIMESTAMP', type: ['long', 'null'] },
  ],
  users: [
    { name: 'USER_ID', type: 'string' },
    { name: 'MEMBER', type: 'boolean' },
    { name: 'AGE', type: 'int' },
  ],
} as const;

let database: Database;

beforeAll(async () => {
  database = await openPglite();
  await migrate(database);
  await createDatasetGroup(database, { name: SHOP, createdAt: 1 });
  for (const kind of ['interactions', 'items', 'users'] as const) {
    const schema = JSON.stringify({ type: 'record', name: kind, fields: FIELDS[kind] });
    await createDatasetSchema(database, { arn: `schema/${kind}`, name: kind, schema, createdAt: 1 });
    const dataset = { arn: `dataset/${kind}`, name: kind, datasetGroup: SHOP, kind, schemaArn: `schema/${kind}` };
    await createDataset(database, { ...dataset, createdAt: 1 });
  }
  await importInteractions(database, SHOP, [
    { userId: userId('u'), itemId: itemId('a'), eventType: 'view', timestamp: 1, properties: { deviceType: 'tv' } },
    { userId: userId('u'), itemId: itemId('b'), eventType: 'buy', timestamp: 2, properties: { deviceType: 'phone' } },
    { userId: userId('v'), itemId: itemId('b'), eventType: 'search', timestamp: 3 },
  ]);
  await upsertItems(database, SHOP, [
    { itemId: itemId('b'), createdAt: 1000, metadata: { PRICE: 2.5, DESCRIPTION: 'A red Chair' } },
    { itemId: itemId('new'), metadata: { PRICE: null, DESCRIPTION: 'Another chair' } },
  ]);
  await upsertUserProfiles(database, SHOP, [
    { userId: userId('u'), metadata: { MEMBER: true, AGE: 30 } },
    { userId: userId('nobody'), metadata: { MEMBER: false, AGE: 50 } },
  ]);
}, 60_000);
afterAll(() => database.close());

const snapshot = async (solutionConfig: Record<string, unknown> = {}) =>
  readDataset(await takeDatasetSnapshot(database, { datasetGroup: SHOP, definition: { solutionConfig } }));

test('a snapshot holds the metadata of items, users and events, read as the schemas say', async () => {
  const { itemIds, userIds, eventTypes, metadata } = await snapshot();
  expect({ itemIds, userIds, eventTypes }).toEqual({
    itemIds: ['a', 'b', 'new'],
    userIds: ['u', 'v'],
    eventTypes: ['view', 'buy', 'search'],
  });
  const columns = Object.values(metadata).flat();
  expect(columns.map((column) => [column.name, 'values' in column ? [...column.values] : column.words])).toEqual([
    ['CREATION_TIMESTAMP', [Number.NaN, 1000, Number.NaN]],
    ['PRICE', [Number.NaN, 2.5, Number.NaN]],
    ['DESCRIPTION', ['a', 'red', 'chair', 'a red', 'red chair', 'another', 'another chair']],
    ['MEMBER', ['true']],
    ['AGE', [30, Number.NaN]],
    ['deviceType', ['tv', 'phone']],
  ]);
});

test('columns that a solution leaves out are not in its snapshot', async () => {
  const { metadata, eventTypes } = await snapshot({
    trainingDataConfig: {
      excludedDatasetColumns: { ITEMS: ['CREATION_TIMESTAMP', 'PRICE'], INTERACTIONS: ['EVENT_TYPE'] },
      includedDatasetColumns: { USERS: ['AGE'] },
    },
  });
  const names = Object.values(metadata)
    .flat()
    .map(({ name }) => name);
  expect(names).toEqual(['DESCRIPTION', 'AGE', 'deviceType']);
  expect(eventTypes).toEqual(['']);
});

test('events weigh what the solution says, and those of other types are left out', async () => {
  const eventParametersList = [{ eventType: 'view', weight: 0.25 }, { eventType: 'buy' }];
  const { eventWeights } = await snapshot({ eventsConfig: { eventParametersList } });
  expect([...eventWeights]).toEqual([0.25, 1]);
});
