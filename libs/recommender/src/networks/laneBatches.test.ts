import { Random } from '../data/random';
import type { Sequences } from '../data/sequences';
import { type LaneBatch, laneBatches, predictionCount } from './laneBatches';

/** Every event is an item of its own, so that a pair of items names a pair of events. */
function sequencesOf(...lengths: number[]): Sequences {
  const offsets = [0];
  for (const length of lengths) offsets.push(offsets.at(-1)! + length);
  const events = offsets.at(-1)!;
  return {
    offsets: Int32Array.from(offsets),
    items: Int32Array.from({ length: events }, (_, row) => row),
    timestamps: new Float64Array(events),
  };
}

function batchesOf(sequences: Sequences, settings: Partial<Parameters<typeof laneBatches>[2]> = {}): LaneBatch[] {
  const weights = Float32Array.from(sequences.items, (row) => row);
  return [...laneBatches(sequences, weights, { lanes: 3, steps: 4, maxHistory: 50, ...settings }, new Random(2))];
}

const pairsOf = (batches: readonly LaneBatch[]): [number, number][] =>
  batches.flatMap(({ inputs, places, targets }) =>
    Array.from(places, (place, index): [number, number] => [inputs[place]!, targets[index]!]),
  );

const sequences = sequencesOf(5, 1, 2, 9, 30, 3);

test('each event that follows another is predicted from it, once', () => {
  const pairs = pairsOf(batchesOf(sequences)).sort(([a], [b]) => a - b);
  const expected = Array.from(sequences.items)
    .filter((row) => !sequences.offsets.includes(row + 1))
    .map((row) => [row, row + 1]);
  expect(pairs).toEqual(expected);
  expect(pairs).toHaveLength(predictionCount(sequences));
});

test('a lane begins anew exactly where its input is not the target before it', () => {
  let before: (number | undefined)[] = [];
  for (const { steps, lanes, inputs, beginnings, places, targets } of batchesOf(sequences)) {
    const targetAt = new Map(Array.from(places, (place, index) => [place, targets[index]!]));
    for (let step = 0; step < steps; step++) {
      const after: (number | undefined)[] = [];
      for (let lane = 0; lane < lanes; lane++) {
        const place = step * lanes + lane;
        if (targetAt.has(place)) {
          expect(beginnings[step]!.includes(lane)).toBe(inputs[place] !== before[lane]);
        }
        after[lane] = targetAt.get(place);
      }
      before = after;
    }
  }
});

test('a long history is read in stretches of at most maxHistory, and still predicts every event', () => {
  const long = sequencesOf(100);
  const batches = batchesOf(long, { maxHistory: 7 });
  expect(pairsOf(batches)).toHaveLength(99);
  const begun = batches.flatMap(({ beginnings }) => beginnings.flat()).length;
  expect(begun).toBeGreaterThanOrEqual(Math.ceil(99 / 7));
  expect(begun).toBeLessThanOrEqual(Math.ceil(99 / 7) + 1);
});

test('a prediction weighs what its event weighs', () => {
  for (const { targets, weights } of batchesOf(sequences)) expect(Array.from(weights)).toEqual(Array.from(targets));
});

test('no place is idle before the histories run out', () => {
  const batches = batchesOf(sequencesOf(...Array(40).fill(6)), { lanes: 4 });
  for (const { places, steps, lanes } of batches.slice(0, -2)) expect(places).toHaveLength(steps * lanes);
});
