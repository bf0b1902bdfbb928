import { checkTrainingMemory, estimateTrainingBytes } from './trainingMemory';

const MIB = 2 ** 20;
const data = { items: new Int32Array(1_000_000), itemIds: new Array<string>(100_000) };

test('memory grows with interactions, items, and networks', () => {
  const size = { interactions: 1e6, items: 1e5, embedding: 64, networks: 1 };
  const bytes = estimateTrainingBytes(size);
  expect(estimateTrainingBytes({ ...size, interactions: 2e6 }) - bytes).toBe(150e6);
  expect(estimateTrainingBytes({ ...size, items: 2e5 }) - bytes).toBe(1e5 * (3500 + 12 * 65 * 4));
  expect(estimateTrainingBytes({ ...size, networks: 2 }) - bytes).toBe(1e5 * 7 * 65 * 4);
});

test('data that would take more than the limit is refused, with what there is and what to do', () => {
  expect(() => checkTrainingMemory(data, { embedding: 64, networks: 1 }, 1500 * MIB)).not.toThrow();
  expect(() => checkTrainingMemory(data, { embedding: 64, networks: 1 }, 1000 * MIB)).toThrow(
    /about 1\d\d\d MiB of memory, and may take 1000 MiB: the data has 1000000 interactions and 100000 items\. Train on a machine/,
  );
  expect(() => checkTrainingMemory(data, { embedding: 64, networks: 14 }, 1500 * MIB)).toThrow(
    'or search with fewer trials',
  );
});
