import { DatasetBuilder } from './dataset';
import { readDataset, writeDataset } from './datasetSnapshot';
import { checkTrainable } from './trainability';

test('histories are in order of time, and ties keep the order of arrival', () => {
  const builder = new DatasetBuilder();
  builder.addInteraction({ userId: 'u', itemId: 'late', timestamp: 9 });
  builder.addInteraction({ userId: 'v', itemId: 'other', timestamp: 1 });
  builder.addInteraction({ userId: 'u', itemId: 'first of two', timestamp: 5 });
  builder.addInteraction({ userId: 'u', itemId: 'second of two', timestamp: 5 });
  const { items, itemIds, offsets } = builder.build();
  expect(Array.from(items.subarray(offsets[0], offsets[1]), (item) => itemIds[item])).toEqual([
    'first of two',
    'second of two',
    'late',
  ]);
});

test('a snapshot reads back to the same dataset', () => {
  const builder = new DatasetBuilder();
  builder.addInteraction({ userId: 'ü1', itemId: '品', timestamp: 1.7e12, eventType: 'watch', eventValue: 4.5 });
  builder.addInteraction({ userId: 'ü1', itemId: 'i2', timestamp: 1.7e12 + 1 });
  builder.addItem('untouched');
  const dataset = builder.build();
  expect(readDataset(writeDataset(dataset))).toEqual(dataset);
});

test('a snapshot that was damaged is refused', () => {
  const builder = new DatasetBuilder();
  builder.addInteraction({ userId: 'u', itemId: 'i', timestamp: 1 });
  const bytes = writeDataset(builder.build());
  expect(() => readDataset(bytes.subarray(0, bytes.length - 4))).toThrow(
    expect.objectContaining({ name: 'InvalidInputError' }),
  );
});

test('an interaction without a time is refused with its user and item', () => {
  const builder = new DatasetBuilder();
  expect(() => builder.addInteraction({ userId: 'u1', itemId: 'i1', timestamp: Number.NaN })).toThrow(
    'timestamp of user "u1", item "i1" is NaN',
  );
});

describe('too little data to train on is refused with what is needed', () => {
  const datasetOf = (users: number, perUser: number) => {
    const builder = new DatasetBuilder();
    for (let user = 0; user < users; user++) {
      for (let event = 0; event < perUser; event++) {
        builder.addInteraction({ userId: `u${user}`, itemId: `i${event}`, timestamp: event });
      }
    }
    return builder.build();
  };

  test('under 1000 interactions', () => expect(() => checkTrainable(datasetOf(100, 9))).toThrow('1000'));
  test('under 25 users with two', () => expect(() => checkTrainable(datasetOf(24, 100))).toThrow('25'));
  test('enough', () => expect(() => checkTrainable(datasetOf(100, 10))).not.toThrow());
});
