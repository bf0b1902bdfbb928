import { type Dataset, DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { loadTensorFlow, type TensorFlow } from '../networks/tensorflow';
import { encodeArtifact } from '../serving/artifact';
import type { TrainingStory, UpdatableModel } from '../serving/model';
import type { HyperparameterSearch } from './hyperparameterSearch';
import { parseHyperparameters } from './hyperparameters';
import type { TrainingProgress } from './networkTraining';
import { train } from './training';

const SEARCH: HyperparameterSearch = {
  ranges: [
    { name: 'hidden_dimension', kind: 'integer', minimum: 32, maximum: 40 },
    { name: 'bptt', kind: 'integer', minimum: 2, maximum: 8 },
  ],
  trials: 4,
  objective: 'mean_reciprocal_rank_at_25',
};

/** Users walk around a ring of items: four times out of five to the next one. */
function ringOfItems(): Dataset {
  const random = new Random(5);
  const builder = new DatasetBuilder();
  for (let user = 0; user < 50; user++) {
    let item = Math.floor(random.uniform() * 40);
    for (let step = 0; step < 20; step++) {
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: step * 60_000 });
      item = random.uniform() < 0.8 ? (item + 1) % 40 : Math.floor(random.uniform() * 40);
    }
  }
  return builder.build();
}

let tensorflow: TensorFlow;
let model: UpdatableModel;
const progress: TrainingProgress[] = [];
const stories: TrainingStory[] = [];

function searchOn(options: Partial<Parameters<typeof train>[0]> = {}): Promise<UpdatableModel> {
  return train({
    dataset: ringOfItems(),
    tensorflow,
    hyperparameters: parseHyperparameters({ hidden_dimension: '32', bptt: '8' }),
    search: SEARCH,
    maxEpochs: 5,
    seed: 3,
    codeVersion: 'test',
    now: () => performance.now(),
    ...options,
  });
}

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
  model = await searchOn({
    onProgress: (each) => progress.push(each),
    onStory: (story) => stories.push(story),
  });
}, 60_000);

test('the best trial is the model, and the story of every trial is kept', () => {
  const { search, hyperparameters, learningCurve } = model.manifest;
  expect(search).toMatchObject({ objective: 'mean_reciprocal_rank_at_25' });
  const { trials } = search!;
  expect(trials.map(({ trial }) => trial)).toEqual([1, 2, 3, 4]);
  expect(trials[0]!.hyperparameters).toEqual({ hidden_dimension: '32', bptt: '8' });
  expect(trials.map(({ status }) => status).sort()).toEqual(['best', 'stopped', 'stopped', 'stopped']);
  const best = trials.find(({ status }) => status === 'best')!;
  expect(hyperparameters).toMatchObject({
    hidden_dimension: Number(best.hyperparameters.hidden_dimension),
    bptt: Number(best.hyperparameters.bptt),
  });
  expect(best.curve).toEqual(learningCurve);
  for (const { status, curve, objective } of trials) {
    expect(objective).toBeGreaterThan(0);
    expect(curve).toHaveLength(status === 'best' ? learningCurve.length : 3);
  }
  const others = trials.filter(({ status }) => status === 'stopped').map(({ objective }) => objective!);
  expect(best.objective).toBeGreaterThanOrEqual(Math.max(...others));
});

test('stories are told while trials run, one at a time', () => {
  const statuses = stories.map(({ search }) => search!.trials.map(({ status }) => status));
  expect(statuses[0]).toEqual(['running', 'waiting', 'waiting', 'waiting']);
  for (const each of statuses) expect(each.filter((status) => status === 'running').length).toBeLessThanOrEqual(1);
  expect(stories.at(-1)).toEqual({
    curve: model.manifest.learningCurve,
    search: model.manifest.search,
  });
});

test('progress names the trial of all, never falls, and ends at 1', () => {
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
  expect(new Set(progress.map(({ trial }) => trial))).toEqual(new Set([1, 2, 3, 4]));
  expect(new Set(progress.map(({ trials }) => trials))).toEqual(new Set([4]));
});

test('the same seed searches the same, byte for byte, and leaves nothing in TensorFlow', async () => {
  const before = tensorflow.tf.memory().numTensors;
  const [once, again] = [encodeArtifact(model), encodeArtifact(await searchOn())];
  for (const [name, bytes] of once) expect(Buffer.compare(bytes, again.get(name)!)).toBe(0);
  expect(tensorflow.tf.memory().numTensors).toBe(before);
}, 60_000);

test('when time runs out the trials that have not begun are skipped', async () => {
  let time = 0;
  const { search } = (await searchOn({ timeBudgetSeconds: 1, now: () => (time += 100) })).manifest;
  expect(search!.trials.map(({ status }) => status)).toEqual(['best', 'skipped', 'skipped', 'skipped']);
}, 60_000);

test('an abort disposes of every trial', async () => {
  const before = tensorflow.tf.memory().numTensors;
  const stop = new AbortController();
  const reason = new Error('not needed any more');
  const onStory = ({ search }: TrainingStory) => search!.trials[2]!.status === 'running' && stop.abort(reason);
  await expect(searchOn({ signal: stop.signal, onStory })).rejects.toBe(reason);
  expect(tensorflow.tf.memory().numTensors).toBe(before);
}, 60_000);
