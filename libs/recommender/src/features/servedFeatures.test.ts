import { Random } from '../data/random';
import type { ModelFeatures } from './modelFeatures';
import { ServedFeatures } from './servedFeatures';

const EMBEDDING = 3;
const genres = { name: 'GENRES', kind: 'categorical', vocabulary: ['drama', 'war'] } as const;
const price = { name: 'PRICE', kind: 'numeric', mean: 5, deviation: 2, bounds: [4, 6] } as const;
const columns: ModelFeatures = { items: [genres, price], users: [price, genres], events: [], context: [genres] };
const random = new Random(1);
const table = (rows: number) => ({
  shape: [rows, EMBEDDING],
  data: Float32Array.from({ length: rows * EMBEDDING }, () => random.normal()),
});
const features = new ServedFeatures(
  columns,
  { 'features.items': table(6), 'features.users': table(6), 'features.context': table(2) },
  EMBEDDING,
);
const direction = Float32Array.of(1, -2, 0.5);
const along = (vector: Float32Array) => vector.reduce((sum, value, k) => sum + value * direction[k]!, 0);
const sum = (parts: Readonly<Record<string, number>>) => Object.values(parts).reduce((total, part) => total + part, 0);

test('what the columns of an item add is all that its metadata adds', () => {
  const metadata = { GENRES: 'drama|war', PRICE: 7 };
  const parts = features.itemParts(metadata, direction);
  expect(Object.keys(parts)).toEqual(['GENRES', 'PRICE']);
  expect(sum(parts)).toBeCloseTo(along(features.item(metadata).vector) - along(features.item({}).vector), 5);
  expect(parts.GENRES).toBeCloseTo(along(features.item({ GENRES: 'drama|war' }).vector), 5);
});

test('what the columns of who asks add is the whole query', () => {
  const asker = { user: { GENRES: 'war', PRICE: 3 }, context: { GENRES: 'drama' } };
  const { user, context } = features.askerParts(asker, direction);
  expect(Object.keys(user)).toEqual(['PRICE', 'GENRES']);
  expect(sum(user) + sum(context)).toBeCloseTo(along(features.query(features.askerFeatures(asker))!), 5);
});

test('what the model has not learned from adds nothing', () => {
  expect(features.itemParts({ COLOUR: 'red', GENRES: 'horror' }, direction)).toEqual({});
  expect(features.eventParts([], direction)).toEqual({});
});
