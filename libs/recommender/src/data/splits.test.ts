import { DatasetBuilder } from './dataset';
import { heldOutUsers, leaveOneOut } from './splits';

/** Users a, b, c with 2, 3 and 5 interactions: item names say user and place. */
function smallDataset() {
  const builder = new DatasetBuilder();
  for (const [userId, length] of [
    ['a', 2],
    ['b', 3],
    ['c', 5],
  ] as const) {
    for (let place = 1; place <= length; place++) {
      builder.addInteraction({ userId, itemId: `${userId}${place}`, timestamp: place });
    }
  }
  return builder.build();
}

describe('leave-one-out', () => {
  const dataset = smallDataset();
  const split = leaveOneOut(dataset);
  const names = (items: Int32Array) => Array.from(items, (item) => dataset.itemIds[item]);

  test('holds out the last two interactions of users with at least three', () => {
    expect(split.validation.map(({ history, truth }) => [names(history.items), names(truth)])).toEqual([
      [['b1'], ['b2']],
      [['c1', 'c2', 'c3'], ['c4']],
    ]);
    expect(split.test.map(({ history, truth }) => [names(history.items), names(truth)])).toEqual([
      [['b1', 'b2'], ['b3']],
      [['c1', 'c2', 'c3', 'c4'], ['c5']],
    ]);
  });

  test('trains on nothing that is held out', () => {
    expect(names(split.training.items)).toEqual(['b1', 'c1', 'c2', 'c3']);
  });

  test('what is learned before the test is the history of each test case', () => {
    const { offsets, items } = split.withValidation!;
    const learned = split.test.map((_, user) => names(items.subarray(offsets[user], offsets[user + 1])));
    expect(learned).toEqual(split.test.map(({ history }) => names(history.items)));
  });

  test('follows a published split where one is given, and names what it lacks', () => {
    const published = new Map([
      ['a', { validation: 'a1', test: 'a2' }],
      ['b', { validation: 'b3', test: 'b1' }],
      ['c', { validation: 'c1', test: 'c2' }],
    ]);
    const same = leaveOneOut(dataset, published);
    expect(same.test.map(({ history, truth }) => [names(history.items), names(truth)])).toEqual([
      [['b2', 'b3'], ['b1']],
      [['c3', 'c4', 'c5', 'c1'], ['c2']],
    ]);
    published.delete('b');
    expect(() => leaveOneOut(dataset, published)).toThrow('The split names no held-out items for user "b".');
  });
});

describe('the split of the API', () => {
  const builder = new DatasetBuilder();
  for (let user = 0; user < 100; user++) {
    for (let place = 0; place < 20; place++) {
      builder.addInteraction({ userId: `u${user}`, itemId: `i${user}-${place}`, timestamp: place });
    }
  }
  const dataset = builder.build();

  test('asks 10% of the users for the newest 10% of their histories', () => {
    const { test: cases } = heldOutUsers(dataset, 1);
    expect(cases).toHaveLength(10);
    for (const { history, truth } of cases) expect([history.items.length, truth.length]).toEqual([18, 2]);
  });

  test('learns nothing of the users it asks', () => {
    const { test: cases, training } = heldOutUsers(dataset, 1);
    const trained = new Set(training.items);
    for (const { history, truth } of cases) {
      expect([...history.items, ...truth].filter((item) => trained.has(item))).toEqual([]);
    }
  });

  test('is the same for the same seed, and another for another', () => {
    const firstItems = (seed: number) => heldOutUsers(dataset, seed).test.map(({ history }) => history.items[0]);
    expect(firstItems(1)).toEqual(firstItems(1));
    expect(firstItems(1)).not.toEqual(firstItems(2));
  });
});
