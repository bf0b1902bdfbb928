import { itemId } from '@attune/domain';
import { buildSlate } from '@attune/testing';
import { fillSlate } from './fillSlate';
import { replaySlate } from './replaySlate';

const { policy } = buildSlate();
const relevant = [...'abcdefgh'].map((name, rank) => ({ itemId: itemId(name), score: 0.3 / (rank + 1) }));
const pool = [...'cxyz'].map((name, at) => ({
  itemId: itemId(name),
  score: 0.001 * at,
  weight: Math.exp(at / 3),
  impressions: 0,
  clicks: 0,
}));
const served = (seed: string) => {
  const seeded = { ...policy, seed };
  const slots = fillSlate({ ranked: relevant, pool, size: 8, policy: seeded });
  // The log keeps JSON.
  return buildSlate(JSON.parse(JSON.stringify({ policy: seeded, relevant, pool, slots })));
};

test('a list that was served comes again, bit for bit', () => {
  for (let list = 0; list < 100; list++) {
    const slate = served(`RID-${list}`);
    expect(replaySlate(slate)).toEqual({ slots: slate.slots, equal: true });
  }
});

test.each([
  ['propensity', { propensity: 0.7 + 1e-16 * 2 }],
  ['item', { itemId: itemId('other') }],
  ['origin', { explored: 'neither' as unknown as boolean }],
])('a list whose %s was changed is not equal', (_, change) => {
  const slate = served('RID-1');
  const slots = slate.slots.map((slot, at) => (at === 3 ? { ...slot, ...change } : slot));
  expect(replaySlate({ ...slate, slots })).toEqual({ slots: slate.slots, equal: false });
});

test('a list of another rule is refused', () => {
  const slate = buildSlate({ policy: { ...policy, version: 'relevance' } });
  expect(() => replaySlate(slate)).toThrow('was filled by the rule "relevance". This version replays "slot-softmax-1"');
});
