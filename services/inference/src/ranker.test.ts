import { itemId, userId } from '@attune/domain';
import { Scorer } from '@attune/recommender';
import type { UserHistory } from '@attune/session';
import { Ranker, type Ranking } from './ranker';
import { testModel } from './testModel';

const user = userId('u');

function historyOf(items: string, revision = items): UserHistory {
  const events = [...items].map((item, timestamp) => ({ eventType: 'click', itemId: itemId(item), timestamp }));
  return { events, items: [...new Set([...items].toReversed())].map(itemId), revision };
}

function rankerWith(seenItems: 'auto' | 'include' | 'exclude', excludeSeen = true): Ranker {
  return new Ranker(new Scorer(testModel({ itemIds: ['a', 'b', 'c', 'd'], excludeSeen })), { seenItems });
}

const idsOf = (ranking: Ranking | undefined) => ranking?.candidates.map((candidate) => candidate.itemId as string);

test('the item that follows the latest one comes first, and scores fall', () => {
  const ranking = rankerWith('exclude').rank(user, historyOf('b'), 10)!;
  expect(idsOf(ranking)?.[0]).toBe('c');
  const scores = ranking.candidates.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test('scores are the probabilities over the whole catalogue', () => {
  const { candidates } = rankerWith('include').rank(user, historyOf('b'), 10)!;
  expect(candidates.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test.each([
  ['exclude', false, ['d']],
  ['include', true, ['a', 'b', 'c', 'd']],
  ['auto', true, ['d']],
  ['auto', false, ['a', 'b', 'c', 'd']],
] as const)('seen items: %s, where the model says exclude: %p', (seenItems, excludeSeen, shown) => {
  const ranking = rankerWith(seenItems, excludeSeen).rank(user, historyOf('abc'), 10);
  expect(idsOf(ranking)?.toSorted()).toEqual(shown);
});

test('a list is kept until the history changes', () => {
  const ranker = rankerWith('exclude');
  expect(ranker.rank(user, historyOf('a'), 2)?.source).toBe('recomputed');
  expect(ranker.rank(user, historyOf('a'), 2)?.source).toBe('cached');
  const changed = ranker.rank(user, historyOf('ab'), 2);
  expect(changed?.source).toBe('advanced');
  expect(idsOf(changed)?.[0]).toBe('c');
});

test('a kept list serves shorter ones; a longer one is ranked anew', () => {
  const ranker = rankerWith('include');
  ranker.rank(user, historyOf('a'), 2);
  expect(ranker.rank(user, historyOf('a'), 1)?.source).toBe('cached');
  const longer = ranker.rank(user, historyOf('a'), 3);
  expect(longer?.source).toBe('advanced');
  expect(longer?.candidates).toHaveLength(3);
});

test('a user of whose items the model knows none has no ranking', () => {
  expect(rankerWith('exclude').rank(user, historyOf('xyz'), 10)).toBeUndefined();
  expect(rankerWith('exclude').rank(user, historyOf(''), 10)).toBeUndefined();
});
