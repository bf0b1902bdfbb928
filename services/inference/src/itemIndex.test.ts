import { Random, topK } from '@attune/recommender';
import { type BuiltItemIndex, buildItemIndex } from './itemIndex';

const [ITEMS, EMBEDDING, CLUSTERS] = [12_000, 16, 50];
const random = new Random(4);
const centres = Float32Array.from({ length: CLUSTERS * EMBEDDING }, () => random.normal());
const itemVectors = Float32Array.from(
  { length: ITEMS * EMBEDDING },
  (_, at) => centres[(Math.floor(at / EMBEDDING) % CLUSTERS) * EMBEDDING + (at % EMBEDDING)]! + 0.5 * random.normal(),
);
const itemBias = Float32Array.from({ length: ITEMS }, () => 2 * random.normal() - 5);

function best(output: Float32Array, count: number): Set<number> {
  const logits = itemBias.map((bias, item) => {
    let logit = bias;
    for (let i = 0; i < EMBEDDING; i++) logit += output[i]! * itemVectors[item * EMBEDDING + i]!;
    return logit;
  });
  return new Set(topK(logits, count).map(({ item }) => item));
}

let index: BuiltItemIndex;
beforeAll(async () => {
  index = buildItemIndex({ itemVectors, itemBias });
  await index.ready;
}, 30_000);
afterAll(() => index.close());

test('of the 25 items of highest logit at least 95% are found, long vectors, biased items and all', async () => {
  let found = 0;
  for (let query = 0; query < 50; query++) {
    const output = Float32Array.from({ length: EMBEDDING }, () => 2 * random.normal());
    const items = Array.from(await index.search(output, 200));
    expect(new Set(items).size).toBe(200);
    const truth = best(output, 25);
    found += items.filter((item) => truth.has(item)).length;
  }
  expect(found / 50 / 25).toBeGreaterThanOrEqual(0.95);
});

test('a small catalogue is found whole', async () => {
  const small = buildItemIndex({
    itemVectors: itemVectors.subarray(0, 3 * EMBEDDING),
    itemBias: itemBias.subarray(0, 3),
  });
  await small.ready;
  expect(Array.from(await small.search(new Float32Array(EMBEDDING), 200)).sort()).toEqual([0, 1, 2]);
  await small.close();
});

test('closed while it is built it fails, and so do searches', async () => {
  const closed = buildItemIndex({ itemVectors, itemBias });
  await closed.close();
  await expect(closed.ready).rejects.toThrow('closed');
  await expect(closed.search(new Float32Array(EMBEDDING), 1)).rejects.toThrow('closed');
});
