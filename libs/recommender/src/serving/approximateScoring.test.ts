import { ItemCatalogue } from '../data/itemCatalogue';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { initialGruWeights } from '../networks/gru';
import { ApproximateScoring } from './approximateScoring';
import { ExactScoring } from './itemScoring';
import type { ServedModel } from './model';
import { popularityBias } from './popularity';
import { type HistoryState, Scorer } from './scorer';
import { topK } from './topK';

const [ITEMS, EMBEDDING, LATEST] = [5_000, 8, 3];

/** A network over items of Zipf's popularity, and a memory in which each item is followed by the next. */
function modelOf(random: Random): ServedModel {
  const counts = Float32Array.from({ length: ITEMS }, (_, item) => 1 / (item + 1));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const popularity = counts.map((count) => count / total);
  return {
    manifest: { recipe: 'aws-user-personalization', excludeSeen: true, maxHistory: 50, mixingWeight: 0.3 },
    items: new ItemCatalogue(
      Array.from(counts, (_, item) => `i${item}`),
      new Int32Array(ITEMS),
      new Float64Array(ITEMS),
    ),
    popularity,
    transitions: {
      followers: {
        offsets: Int32Array.from({ length: ITEMS + 1 }, (_, row) => row),
        columns: Int32Array.from({ length: ITEMS }, (_, row) => (row + 1) % ITEMS),
        values: new Float32Array(ITEMS).fill(0.5),
      },
    },
    weights: {
      itemVectors: Float32Array.from({ length: ITEMS * EMBEDDING }, () => 2 * random.normal()),
      itemBias: popularityBias(popularity),
      encoder: initialGruWeights({ embedding: EMBEDDING, hidden: 12 }, random),
    },
  };
}

const scorer = new Scorer(modelOf(new Random(1)));
const exact = new ExactScoring(scorer);
/** An index that finds what is to be found, and no more. */
const index = {
  search: async (output: Float32Array, count: number) => {
    const logits = scorer.logitsOf(
      output,
      new Int32Array(ITEMS).map((_, item) => item),
    );
    return topK(logits, count).map(({ item }) => item);
  },
};
const approximate = new ApproximateScoring(scorer, index, new Random(2));
const states: readonly HistoryState[] = Array.from({ length: 20 }, (_, user) =>
  scorer.stateOf(historyOf(Array.from({ length: LATEST }, (_, at) => ({ item: user * 97 + at * 13, timestamp: at })))),
);
const tilt = (() => {
  const multipliers = Float32Array.from({ length: ITEMS }, (_, item) => 1 + (item % 7) / 7);
  const mean = multipliers.reduce((sum, value, item) => sum + value * scorer.model.popularity[item]!, 0);
  return { multipliers, mean };
})();

test.each([
  ['as they are', undefined],
  ['tilted', tilt],
])('lists are those of the whole catalogue, and their scores within some percent: %s', async (_, lean) => {
  for (const state of states) {
    const excluded = new Set([...state.recent, 0, 1]);
    const expected = exact.top(state, 25, excluded, lean);
    const actual = await approximate.top(state, 25, excluded, lean);
    const found = actual.filter(({ item }) => expected.some((one) => one.item === item));
    expect(found.length).toBeGreaterThanOrEqual(24);
    expect(actual.map(({ score }) => score)).toEqual(actual.map(({ score }) => score).toSorted((a, b) => b - a));
    for (const [place, { score }] of actual.entries()) expect(score / expected[place]!.score).toBeCloseTo(1, 1);
  }
});

test('the items asked for are scored without being found', async () => {
  const items = [4_999, 17, 2_500];
  for (const state of states) {
    const expected = exact.scoresOf(state, items);
    const actual = await approximate.scoresOf(state, items);
    for (const [place, score] of actual.entries()) expect(score / expected[place]!).toBeCloseTo(1, 1);
  }
});

test('where nothing was touched yet the score is popularity', async () => {
  const { popularity } = scorer.model;
  const state = scorer.initialState();
  expect(await approximate.scoresOf(state, [3, 9])).toEqual([popularity[3], popularity[9]]);
  expect((await approximate.top(state, 3, new Set([0]))).map(({ item }) => item)).toEqual([1, 2, 3]);
});

test('the estimated denominator and mean are near the exact ones', async () => {
  for (const state of states) {
    const expected = exact.expectation(state);
    const actual = await approximate.expectation(state);
    expect(Math.abs(actual.logNormaliser - expected.logNormaliser)).toBeLessThan(0.05);
    expect(actual.bias).toBeCloseTo(expected.bias, 0);
    for (const [i, value] of expected.vector.entries()) expect(Math.abs(actual.vector[i]! - value)).toBeLessThan(0.3);
  }
});

test('a list, a ranking and an explanation of one state ask the index once', async () => {
  const search = jest.spyOn(index, 'search');
  const state = scorer.stateOf(historyOf([{ item: 5, timestamp: 0 }]));
  await approximate.top(state, 25, new Set());
  await approximate.scoresOf(state, [1]);
  await approximate.expectation(state);
  expect(search).toHaveBeenCalledTimes(1);
});
