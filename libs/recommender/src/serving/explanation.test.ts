import { DatasetBuilder } from '../data/dataset';
import { Random } from '../data/random';
import { historyOf } from '../data/sequences';
import { recipeOf } from '../networks/recipes';
import { loadTensorFlow } from '../networks/tensorflow';
import { parseHyperparameters } from '../training/hyperparameters';
import { train } from '../training/training';
import { explainScore } from './explanation';
import { ExactScoring } from './itemScoring';
import { Scorer } from './scorer';

const [GENRES, PER_GENRE, LENGTH] = [6, 10, 8];

/** Users who change genre now and then: an event tells much about what comes soon after, and little later. */
function generate() {
  const random = new Random(5);
  const builder = new DatasetBuilder();
  for (let user = 0; user < 250; user++) {
    let genre = 0;
    for (let event = 0; event < LENGTH; event++) {
      if (event === 0 || random.uniform() < 0.2) genre = Math.floor(random.uniform() * GENRES);
      const item = genre * PER_GENRE + Math.floor(random.uniform() * PER_GENRE);
      builder.addInteraction({ userId: `u${user}`, itemId: `i${item}`, timestamp: user + event * 1e6 });
    }
  }
  return builder.build();
}

test.each([
  ['aws-user-personalization', { hidden_dimension: '32' }],
  ['aws-user-personalization-v2', { hidden_dimension: '32', num_layers: '1' }],
] as const)(
  'without the event that carried a score most, it falls further than without another: %s',
  async (recipe, given) => {
    const dataset = generate();
    const model = await train({
      dataset,
      tensorflow: await loadTensorFlow(),
      recipe,
      hyperparameters: parseHyperparameters(given, recipeOf(recipe)),
      seed: 1,
      codeVersion: 'test',
      now: () => performance.now(),
      maxEpochs: 9,
    });
    for (const mixingWeight of [0, 0.4]) {
      const scorer = new Scorer(model, mixingWeight);
      const scoring = new ExactScoring(scorer);
      let [withoutTop, withoutOther, cases] = [0, 0, 0];
      for (let user = 0; user < 60; user++) {
        const read = Array.from({ length: LENGTH - 1 }, (_, event) => {
          const row = dataset.offsets[user]! + event;
          return { item: dataset.items[row]!, timestamp: dataset.timestamps[row]! };
        });
        const state = scorer.stateOf(historyOf(read));
        const [first] = scoring.top(state, 1, new Set());
        const explained = explainScore(
          scorer,
          { history: historyOf(read), item: first!.item },
          scoring.expectation(state),
        );
        expect(explained.score).toBeCloseTo(first!.score, 5);
        const carried = explained.events.map(({ network, memory }) => network + memory);
        const top = carried.indexOf(Math.max(...carried));
        read.forEach((_, place) => {
          const [less] = scoring.scoresOf(scorer.stateOf(historyOf(read.toSpliced(place, 1))), [first!.item]);
          const fall = Math.log(first!.score / less!);
          if (place === top) withoutTop += fall;
          else withoutOther += fall / (read.length - 1);
        });
        cases++;
      }
      expect(withoutTop / cases).toBeGreaterThan(2 * Math.max(0, withoutOther / cases));
      expect(withoutTop / cases).toBeGreaterThan(0.02);
    }
  },
  60_000,
);
