import { type Dataset, DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { recipeOf } from '../networks/recipes';
import { loadTensorFlow, type TensorFlow } from '../networks/tensorflow';
import { encodeArtifact } from '../serving/artifact';
import type { UpdatableModel } from '../serving/model';
import { decodeCheckpoint, encodeCheckpoint, type Saved } from './checkpoint';
import type { HyperparameterSearch } from './hyperparameterSearch';
import { parseHyperparameters } from './hyperparameters';
import { type TrainingOptions, train } from './training';

/** Users walk around a ring of items: four times out of five to the next one. */
function ringOfItems(steps: number, untouchedItems = 0): Dataset {
  const random = new Random(5);
  const builder = new DatasetBuilder({ items: [{ name: 'GENRE', kind: 'categorical' }] });
  for (let user = 0; user < 50; user++) {
    let item = Math.floor(random.uniform() * 30);
    for (let step = 0; step < steps; step++) {
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: step * 60_000 });
      item = random.uniform() < 0.8 ? (item + 1) % 30 : Math.floor(random.uniform() * 30);
    }
  }
  for (let item = 0; item < 30 + untouchedItems; item++) builder.addItem(`i${item}`, { GENRE: `g${item % 5}` });
  return builder.build();
}

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await loadTensorFlow();
});

function trainOn(options: Partial<TrainingOptions>): Promise<UpdatableModel> {
  return train({
    dataset: ringOfItems(21),
    tensorflow,
    hyperparameters: parseHyperparameters({ hidden_dimension: '32', bptt: '4' }),
    maxEpochs: 3,
    seed: 3,
    codeVersion: 'test',
    now: () => performance.now(),
    ...options,
  });
}

/** Lets a training die at its so-manieth checkpoint. @returns the checkpoint, as it comes back from bytes */
async function dieAt(count: number, options: Partial<TrainingOptions>): Promise<Saved> {
  const death = new Error('killed');
  let left = count;
  let kept: Uint8Array | undefined;
  const write = async (bytes: Uint8Array) => {
    kept = bytes;
    if (--left === 0) throw death;
  };
  // The clock stands still, so that a checkpoint that took long puts off no other.
  const still = { now: () => 0, checkpoints: { everySeconds: 0, write } };
  await expect(trainOn({ ...options, ...still })).rejects.toBe(death);
  return decodeCheckpoint(kept!, 'test');
}

function expectEqual(one: UpdatableModel, other: UpdatableModel): void {
  for (const [name, bytes] of encodeArtifact(one)) {
    expect([name, Buffer.compare(bytes, encodeArtifact(other).get(name)!)]).toEqual([name, 0]);
  }
}

const SEARCH: HyperparameterSearch = {
  ranges: [{ name: 'bptt', kind: 'integer', minimum: 2, maximum: 8 }],
  trials: 3,
  objective: 'normalized_discounted_cumulative_gain_at_10',
};

describe('a training that was killed goes on from its checkpoint to the very model of one that was not', () => {
  test('within an epoch, at its end, and twice', async () => {
    const whole = await trainOn({});
    // An epoch has several batches, and one checkpoint more.
    for (const count of [2, 8]) expectEqual(await trainOn({ resume: await dieAt(count, {}) }), whole);
    const once = await dieAt(3, {});
    expectEqual(await trainOn({ resume: await dieAt(4, { resume: once }) }), whole);
  }, 60_000);

  test('in a search for hyperparameters', async () => {
    const searching = { search: SEARCH, maxEpochs: 4, learnHeldOut: false };
    const whole = await trainOn(searching);
    expectEqual(await trainOn({ ...searching, resume: await dieAt(20, searching) }), whole);
  }, 120_000);

  test('of a transformer over a catalogue that is learned by a sample', async () => {
    const recipe = 'aws-user-personalization-v2';
    const settings = { hidden_dimension: '32', num_layers: '1', max_sequence_length: '20' };
    const large = {
      recipe,
      hyperparameters: parseHyperparameters(settings, recipeOf(recipe)),
      dataset: ringOfItems(21, 10_000),
      maxEpochs: 2,
      learnHeldOut: false,
    } as const;
    expectEqual(await trainOn({ ...large, resume: await dieAt(2, large) }), await trainOn(large));
  }, 120_000);

  test('in an update', async () => {
    const base = await trainOn({ maxEpochs: 1 });
    const updating = { base, dataset: ringOfItems(24), maxEpochs: 2 };
    expectEqual(await trainOn({ ...updating, resume: await dieAt(3, updating) }), await trainOn(updating));
  }, 60_000);
});

test('checkpoints are written as they fall due', async () => {
  const times: number[] = [];
  let time = 0;
  const write = async () => void times.push(time);
  await trainOn({ checkpoints: { everySeconds: 0.1, write }, now: () => (time += 10) });
  expect(times.length).toBeGreaterThan(1);
  for (const [index, at] of times.entries()) if (index > 0) expect(at - times[index - 1]!).toBeGreaterThanOrEqual(100);
});

describe('a checkpoint', () => {
  const saved = {
    epoch: 3,
    nested: [{ values: Float32Array.of(1.5, -2), counts: Int32Array.of(7) }],
    best: undefined,
    objectives: Float64Array.of(Number.NEGATIVE_INFINITY, 0.1),
  };

  test('comes back as it was', () => {
    const { best: _, ...rest } = saved;
    expect(decodeCheckpoint(encodeCheckpoint(saved, 'v1'), 'v1')).toEqual(rest);
  });

  test('is refused where a byte is another, or another version wrote it', () => {
    const bytes = encodeCheckpoint(saved, 'v1');
    expect(() => decodeCheckpoint(bytes, 'v2')).toThrow('attune-checkpoint-1 of version v1; this is');
    bytes[bytes.length - 3]! ^= 1;
    expect(() => decodeCheckpoint(bytes, 'v1')).toThrow('The checkpoint is damaged');
    expect(() => decodeCheckpoint(new Uint8Array(10), 'v1')).toThrow('The checkpoint is damaged');
  });
});
