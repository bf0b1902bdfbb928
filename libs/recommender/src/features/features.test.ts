import { DatasetBuilder } from '../data/dataset';
import { readDataset, writeDataset } from '../data/datasetSnapshot';
import { eventRow } from '../data/eventColumns';
import type { ColumnSchema, MetadataRow } from '../data/metadataValues';
import { FeatureEncoder, type FeatureMatrix } from './featureMatrix';
import { featuresOf, fitModelFeatures } from './modelFeatures';

const DAY_MS = 24 * 3600 * 1000;

const ITEM_COLUMNS: readonly ColumnSchema[] = [
  { name: 'GENRES', kind: 'categorical' },
  { name: 'PRICE', kind: 'numeric' },
  { name: 'TITLE', kind: 'text' },
  { name: 'CREATION_TIMESTAMP', kind: 'timestamp' },
];

const FILMS: Record<string, MetadataRow> = {
  a: { GENRES: 'Drama|Crime', PRICE: 1, TITLE: 'The old man', CREATION_TIMESTAMP: 10 * DAY_MS },
  b: { GENRES: 'Drama', PRICE: '2', TITLE: 'The old sea', CREATION_TIMESTAMP: 20 * DAY_MS },
  c: { GENRES: ' Crime | Drama ', PRICE: 3, TITLE: 'The sea', CREATION_TIMESTAMP: 30 * DAY_MS },
  d: { GENRES: 'Comedy', TITLE: null },
};

function dataset(schema: readonly ColumnSchema[] = ITEM_COLUMNS) {
  const builder = new DatasetBuilder({ items: schema, interactions: [{ name: 'DEVICE', kind: 'categorical' }] });
  const add = (itemId: string, minutes: number, eventType: string, eventValue: number, DEVICE: string) =>
    builder.addInteraction({
      userId: 'u',
      itemId,
      timestamp: 40 * DAY_MS + minutes * 60_000,
      eventType,
      eventValue,
      context: { DEVICE },
    });
  add('b', 60, 'buy', 2, 'tv');
  add('a', 0, 'view', 1, 'phone');
  add('c', 95, 'view', 3, 'phone');
  add('a', 97, 'view', 3, 'tv');
  for (const [id, metadata] of Object.entries(FILMS)) builder.addItem(id, metadata);
  return builder.build();
}

const rowOf = ({ offsets, features, values }: FeatureMatrix, row: number) =>
  Array.from(features.subarray(offsets[row], offsets[row + 1]), (feature, index) => [
    feature,
    values[offsets[row]! + index],
  ]);

test('the features of a row are the same from the dataset, from its snapshot, and from the row alone', () => {
  const data = readDataset(writeDataset(dataset()));
  const { columns, items, events } = featuresOf(data, fitModelFeatures(data));
  const encoder = new FeatureEncoder(columns.items);
  expect(items.width).toBe(encoder.width);
  for (const [index, id] of data.itemIds.entries()) {
    expect(rowOf(items, index)).toEqual(encoder.encode(FILMS[id]!).map(([f, value]) => [f, Math.fround(value)]));
  }
  const facts = { timestamp: 60 * 60_000, eventType: 'buy', eventValue: 2, context: { DEVICE: 'tv' } };
  const fromFacts = new FeatureEncoder(columns.events).encode(eventRow(facts, 0));
  expect(rowOf(events, 1)).toEqual(fromFacts.map(([f, value]) => [f, Math.fround(value)]));
});

test('what occurs once, everywhere, or not at all teaches nothing and is no feature', () => {
  const { items } = fitModelFeatures(dataset());
  expect(items.map(({ name }) => name)).toEqual(['GENRES', 'PRICE', 'TITLE', 'CREATION_TIMESTAMP']);
  const [genres, , title] = items;
  expect(genres).toMatchObject({ vocabulary: ['Drama', 'Crime'] });
  expect(title).toMatchObject({ vocabulary: ['old', 'the old', 'sea'] });
});

test('several categories of an item weigh as much as one', () => {
  const encoder = new FeatureEncoder(fitModelFeatures(dataset()).items);
  expect(encoder.encode({ GENRES: 'Drama' })).toEqual([[0, 1]]);
  expect(encoder.encode({ GENRES: 'Drama|Crime|Unknown' })).toEqual([
    [0, 1 / Math.sqrt(2)],
    [1, 1 / Math.sqrt(2)],
  ]);
});

test('an event knows the time since the one before, and whether a session begins', () => {
  const data = dataset();
  const { columns, events } = featuresOf(data, fitModelFeatures(data));
  expect(columns.events.map(({ name }) => name)).toEqual([
    'event-type',
    'event-value',
    'time-gap',
    'session-start',
    'DEVICE',
  ]);
  const sessionStart = new FeatureEncoder(columns.events).encode({ 'session-start': 'yes' })[0]![0];
  const starts = [0, 1, 2, 3].map((row) => rowOf(events, row).some(([feature]) => feature === sessionStart));
  expect(starts).toEqual([false, true, true, false]);
});

test('columns without a kind are read as their values suggest', () => {
  const names = ['CODE', 'TAGS', 'YEAR', 'NOTE', 'SKU', 'EMPTY'];
  const builder = new DatasetBuilder({ items: names.map((name) => ({ name, kind: 'inferred' })) });
  for (let item = 0; item < 40; item++) {
    builder.addItem(`i${item}`, {
      CODE: String(item % 3),
      TAGS: `t${item}|t${item + 1}`,
      YEAR: String(1960 + item),
      NOTE: `note number ${item}`,
      SKU: `X-${item}x`.replace('-', ''),
      EMPTY: null,
    });
  }
  const kinds = builder.build().metadata.items.map(({ name, kind }) => [name, kind]);
  expect(kinds).toEqual([
    ['CODE', 'categorical'],
    ['TAGS', 'categorical'],
    ['YEAR', 'numeric'],
    ['NOTE', 'text'],
  ]);
});

test('a row that is given twice keeps the later one', () => {
  const builder = new DatasetBuilder({ items: [{ name: 'GENRES', kind: 'categorical' }] });
  builder.addItem('a', { GENRES: 'Drama' });
  builder.addItem('b', { GENRES: 'Crime' });
  builder.addItem('a', { GENRES: 'Crime|Comedy' });
  const [column] = builder.build().metadata.items;
  if (!column || 'values' in column) throw new Error('expected words');
  expect(Array.from(column.codes.subarray(0, column.offsets[1]), (code) => column.words[code])).toEqual([
    'Crime',
    'Comedy',
  ]);
});
