import type { Sequences } from '../data/sequences';
import { planMore } from './trainingPlan';

/** Histories of one length each. */
function sequencesOf(histories: number, length: number): Sequences {
  return {
    offsets: Int32Array.from({ length: histories + 1 }, (_, sequence) => sequence * length),
    items: new Int32Array(histories * length),
    timestamps: new Float64Array(histories * length),
  };
}

test.each([
  ['few events are learned in one pass on', 101, 12, { anew: false, passes: 1 }],
  ['a fifth more takes a fifth of the epochs', 6, 20, { anew: false, passes: 4 }],
  ['half more is worth training anew, for as many epochs', 3, 20, { anew: true, passes: 20 }],
])('%s', (_, length, bestEpoch, expected) => {
  expect(planMore(sequencesOf(30, length), sequencesOf(30, length + 1), bestEpoch)).toEqual(expected);
});

test('training anew is not begun where its epochs, half longer, would not all be learned in time', () => {
  const [from, all] = [sequencesOf(30, 3), sequencesOf(30, 4)];
  expect(planMore(from, all, 20, 30)).toEqual({ anew: true, passes: 20 });
  expect(planMore(from, all, 20, 29)).toEqual({ anew: false, passes: 10 });
});
