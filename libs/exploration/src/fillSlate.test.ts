import { itemId, type SlatePolicySettings } from '@attune/domain';
import { fillSlate } from './fillSlate';

const pureRelevance: SlatePolicySettings = { explorationWeight: 0, explorationItemAgeCutOff: 30, seed: 'RID-1' };
const ranked = [
  { itemId: itemId('a'), score: 0.5 },
  { itemId: itemId('b'), score: 0.3 },
  { itemId: itemId('c'), score: 0.2 },
];

test('without exploration the most relevant items fill the slots in order, each with certainty', () => {
  expect(fillSlate({ ranked, size: 2, policy: pureRelevance })).toEqual([
    { itemId: 'a', score: 0.5, propensity: 1 },
    { itemId: 'b', score: 0.3, propensity: 1 },
  ]);
});

test('too few candidates make a shorter slate', () => {
  expect(fillSlate({ ranked, size: 10, policy: pureRelevance })).toHaveLength(3);
  expect(fillSlate({ ranked: [], size: 10, policy: pureRelevance })).toEqual([]);
});

test('the candidates are left as they were', () => {
  const frozen = Object.freeze(ranked.map((candidate) => Object.freeze(candidate)));
  expect(() => fillSlate({ ranked: frozen, size: 3, policy: pureRelevance })).not.toThrow();
});

test('a weight that this version does not serve is refused, not ignored', () => {
  expect(() => fillSlate({ ranked, size: 2, policy: { ...pureRelevance, explorationWeight: 0.3 } })).toThrow(
    'explorationWeight is 0.3. This version serves pure relevance: it must be 0.',
  );
});
