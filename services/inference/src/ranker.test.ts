import { itemId, userId } from '@attune/domain';
import { ExactScoring, Scorer } from '@attune/recommender';
import type { UserHistory } from '@attune/session';
import { Ranker, type Ranking } from './ranker';
import { testModel } from './testModel';

const user = userId('u');

function historyOf(items: string, revision = items): UserHistory {
  const events = [...items].map((item, timestamp) => ({ eventType: 'click', itemId: itemId(item), timestamp }));
  return { events, items: [...new Set([...items].toReversed())].map(itemId), revision };
}

function rankerWith(seenItems: 'auto' | 'include' | 'exclude', excludeSeen = true): Ranker {
  const scorer = new Scorer(testModel({ itemIds: ['a', 'b', 'c', 'd'], excludeSeen }));
  const scoring = new ExactScoring(scorer);
  return new Ranker({ scorer, scoring: () => scoring }, { seenItems });
}

const idsOf = (ranking: Ranking | undefined) => ranking?.candidates.map((candidate) => candidate.itemId as string);

test('the item that follows the latest one comes first, and scores fall', async () => {
  const ranking = (await rankerWith('exclude').rank(user, historyOf('b'), 10))!;
  expect(idsOf(ranking)?.[0]).toBe('c');
  const scores = ranking.candidates.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test('scores are the probabilities over the whole catalogue', async () => {
  const { candidates } = (await rankerWith('include').rank(user, historyOf('b'), 10))!;
  expect(candidates.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test.each([
  ['exclude', false, ['d']],
  ['include', true, ['a', 'b', 'c', 'd']],
  ['auto', true, ['d']],
  ['auto', false, ['a', 'b', 'c', 'd']],
] as const)('seen items: %s, where the model says exclude: %p', async (seenItems, excludeSeen, shown) => {
  const ranking = await rankerWith(seenItems, excludeSeen).rank(user, historyOf('abc'), 10);
  expect(idsOf(ranking)?.toSorted()).toEqual(shown);
});

test('a list is kept until the history changes', async () => {
  const ranker = rankerWith('exclude');
  expect((await ranker.rank(user, historyOf('a'), 2))?.source).toBe('recomputed');
  expect((await ranker.rank(user, historyOf('a'), 2))?.source).toBe('cached');
  const changed = await ranker.rank(user, historyOf('ab'), 2);
  expect(changed?.source).toBe('advanced');
  expect(idsOf(changed)?.[0]).toBe('c');
});

test('a kept list serves shorter ones; a longer one is ranked anew', async () => {
  const ranker = rankerWith('include');
  await ranker.rank(user, historyOf('a'), 2);
  expect((await ranker.rank(user, historyOf('a'), 1))?.source).toBe('cached');
  const longer = await ranker.rank(user, historyOf('a'), 3);
  expect(longer?.source).toBe('advanced');
  expect(longer?.candidates).toHaveLength(3);
});

test('a user of whose items the model knows none has no ranking', async () => {
  expect(await rankerWith('exclude').rank(user, historyOf('xyz'), 10)).toBeUndefined();
  expect(await rankerWith('exclude').rank(user, historyOf(''), 10)).toBeUndefined();
});

describe('a tilted ranking', () => {
  const tilts = [
    { multipliers: Float32Array.of(1, 1, 1, 1), mean: 1 },
    { multipliers: Float32Array.of(1, 1, 1, 1000), mean: 200 },
  ];
  const state = { revision: 0 };
  const scorer = new Scorer(testModel({ itemIds: ['a', 'b', 'c', 'd'] }));
  const scoring = new ExactScoring(scorer);
  const tilt = { tilt: () => tilts[state.revision], revision: () => state.revision, partsOf: () => [] };
  const ranker = new Ranker({ scorer, scoring: () => scoring, tilt }, { seenItems: 'include' });

  test('follows its tilt as soon as that changes, and adds up to 1', async () => {
    const before = await ranker.rank(user, historyOf('a'), 4);
    expect(idsOf(before)?.[0]).toBe('b');
    expect((await ranker.rank(user, historyOf('a'), 4))?.source).toBe('cached');
    state.revision = 1;
    const after = (await ranker.rank(user, historyOf('a'), 4))!;
    expect(after.source).toBe('advanced');
    expect(idsOf(after)?.[0]).toBe('d');
    expect(after.candidates.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    const { scores } = await ranker.scoresOf(user, historyOf('a'), [itemId('d')]);
    expect(scores.get(itemId('d'))).toBeCloseTo(after.candidates[0]!.score, 6);
  });
});
