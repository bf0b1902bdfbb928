import { type Dataset, DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { recipeOf } from '../networks/recipes';
import { loadTensorFlow, type TensorFlow } from '../networks/tensorflow';
import { decodeArtifact, encodeArtifact } from '../serving/artifact';
import type { UpdatableModel } from '../serving/model';
import { Scorer } from '../serving/scorer';
import { parseHyperparameters } from '../training/hyperparameters';
import { train } from '../training/training';

const GENRES = 6;
const PER_GENRE = 8;

/** The last two items of each genre are there, and no one has touched them yet. */
const isNew = (item: number) => Math.floor(item / GENRES) >= PER_GENRE - 2;
const genreOf = (item: number) => item % GENRES;
const deviceOf = (item: number) => (Math.floor(item / GENRES) % 2 === 0 ? 'tv' : 'phone');

/** Users stay in a genre four times out of five; on the phone they touch other items of it than on tv. */
function tastes(): Dataset {
  const random = new Random(7);
  const pick = (count: number) => Math.floor(random.uniform() * count);
  const builder = new DatasetBuilder({
    items: [{ name: 'GENRE', kind: 'categorical' }],
    users: [{ name: 'LIKES', kind: 'categorical' }],
    interactions: [{ name: 'device', kind: 'categorical' }],
  });
  for (let user = 0; user < 120; user++) {
    for (let step = 0; step < 20; step++) {
      const genre = random.uniform() < 0.8 ? user % GENRES : pick(GENRES);
      const item = genre + GENRES * pick(PER_GENRE - 2);
      const context = { device: deviceOf(item) };
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: step * 60_000, context });
    }
    // What is known of some must not keep the network from reading the histories of the others.
    if (user < 80) builder.addUser(`u${user}`, { LIKES: `g${user % GENRES}` });
  }
  for (let item = 0; item < GENRES * PER_GENRE; item++) builder.addItem(`i${item}`, { GENRE: `g${genreOf(item)}` });
  return builder.build();
}

let tensorflow: TensorFlow;
let model: UpdatableModel;
let scorer: Scorer;

beforeAll(async () => {
  tensorflow = await loadTensorFlow();
  model = await trainOn(tastes());
  scorer = new Scorer(decodeArtifact(encodeArtifact(model)), 0);
}, 120_000);

function trainOn(dataset: Dataset, base?: UpdatableModel): Promise<UpdatableModel> {
  return train({
    dataset,
    tensorflow,
    hyperparameters: parseHyperparameters({ hidden_dimension: '32', bptt: '8' }, recipeOf('aws-user-personalization')),
    ...(base && { base }),
    seed: 3,
    codeVersion: 'test',
    now: () => performance.now(),
    maxEpochs: 10,
  });
}

const numberOf = (id: string) => Number(id.slice(1));

/** The share of the scores, among the items of a kind, that falls to some of them. */
function shareOf(scores: Float32Array, among: (item: number) => boolean, some: (item: number) => boolean): number {
  const sum = (kind: (item: number) => boolean) =>
    scores.reduce((total, score, index) => total + (kind(numberOf(scorer.items.ids[index]!)) ? score : 0), 0);
  return sum((item) => among(item) && some(item)) / sum(among);
}

const pathOf = (genre: number) =>
  [0, 1, 2, 3].map((step) => ({
    item: scorer.items.indexOf(`i${genre + GENRES * step}`)!,
    timestamp: step * 60_000,
  }));

test.each([0, 1, 2, 3, 4, 5])(
  'after items of genre %i, new items of that genre come before other new items',
  (genre) => {
    const scores = scorer.score(scorer.stateAfter(pathOf(genre)));
    expect(shareOf(scores, isNew, (item) => genreOf(item) === genre)).toBeGreaterThan(2 / GENRES);
  },
);

test('a new item is as likely as a touched one of its genre, about', () => {
  const scores = scorer.score(scorer.stateAfter(pathOf(2)));
  const share = shareOf(scores, (item) => genreOf(item) === 2, isNew);
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.6);
});

test('someone without a history gets what others like who are like them', () => {
  const scores = scorer.score(scorer.asking(scorer.initialState(), { user: { LIKES: 'g4' } }));
  expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
  expect(
    shareOf(
      scores,
      () => true,
      (item) => genreOf(item) === 4,
    ),
  ).toBeGreaterThan(0.4);
});

test.each(['tv', 'phone'])('a request on a %s gets what people touch there', (device) => {
  const scores = scorer.score(scorer.asking(scorer.stateAfter(pathOf(1)), { context: { device } }));
  const touched = (item: number) => !isNew(item);
  expect(shareOf(scores, touched, (item) => deviceOf(item) === device)).toBeGreaterThan(0.75);
});

test('what a model has not learned from changes nothing', () => {
  const state = scorer.stateAfter(pathOf(1));
  expect(scorer.asking(state, { user: { LIKES: 'jazz', AGE: 3 }, context: { weather: 'rain' } })).toBe(state);
});

test('an update goes on from the features of its base', async () => {
  const updated = await trainOn(tastes(), model);
  expect(updated.manifest.features).toEqual(model.manifest.features);
  const figure = 'normalized_discounted_cumulative_gain_at_10';
  expect(updated.manifest.metrics.nextItem.network[figure]).toBeGreaterThan(
    0.8 * model.manifest.metrics.nextItem.network[figure],
  );
}, 60_000);
