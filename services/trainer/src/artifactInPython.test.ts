import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DatasetBuilder,
  encodeArtifact,
  historyOf,
  loadTensorFlow,
  parseHyperparameters,
  Random,
  recipeOf,
  Scorer,
  topK,
  train,
} from '@attune/recommender';

const python = process.env.ATTUNE_PYTHON ?? 'python3';

function hasPackages(): boolean {
  try {
    execFileSync(python, ['-c', 'import numpy, safetensors'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('artifact test in Python skipped: it needs numpy and safetensors (see ATTUNE_PYTHON)\n');
    return false;
  }
}

/** Time goes on by less than a second up to some days. */
const history = ['i3', 'i7', 'i1', 'i20', 'i7'].map((id, place) => ({
  id,
  timestamp: 1_700_000_000_000 + 40 ** place,
  eventType: place % 2 === 0 ? 'view' : 'buy',
  eventValue: place,
}));

(hasPackages() ? test : test.skip).each([
  ['aws-user-personalization', { hidden_dimension: '32', bptt: '8' }],
  ['aws-user-personalization-v2', { hidden_dimension: '32', num_layers: '2', num_heads: '2' }],
] as const)(
  'the program of docs/artifact.md reproduces the served scores of %s',
  async (recipe, hyperparameters) => {
    const random = new Random(11);
    const builder = new DatasetBuilder();
    for (let event = 0; event < 2000; event++) {
      const item = Math.floor(random.uniform() ** 2 * 50);
      builder.addInteraction({
        userId: `u${event % 80}`,
        itemId: `i${item}`,
        timestamp: event ** 2 * 1000,
        eventType: random.uniform() < 0.7 ? 'view' : 'buy',
        eventValue: Math.floor(5 * random.uniform()),
      });
    }
    const model = await train({
      dataset: builder.build(),
      tensorflow: await loadTensorFlow(),
      recipe,
      hyperparameters: parseHyperparameters(hyperparameters, recipeOf(recipe)),
      seed: 1,
      codeVersion: 'test',
      now: () => performance.now(),
      maxEpochs: 3,
    });
    expect(model.manifest.features?.events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['event-type', 'event-value', 'time-gap', 'session-start']),
    );
    const mixed = { ...model, manifest: { ...model.manifest, mixingWeight: 0.4 } };
    const folder = await mkdtemp(join(tmpdir(), 'attune-artifact-'));
    try {
      for (const [name, bytes] of encodeArtifact(mixed)) await writeFile(join(folder, name), bytes);
      const page = await readFile(join(__dirname, '..', '..', '..', 'docs', 'artifact.md'), 'utf8');
      const program = /```python\n(.*?)```/s.exec(page)?.[1] ?? '';
      const events = history.map((event) => [event.id, event.timestamp, event.eventType, event.eventValue].join('@'));
      const printed = execFileSync(python, ['-c', program, folder, ...events], { encoding: 'utf8' });

      const scorer = new Scorer(mixed);
      const read = history.map(({ id, ...event }) => ({ ...event, item: scorer.items.indexOf(id)! }));
      const scores = scorer.score(scorer.stateOf(historyOf(read)));
      const expected = topK(scores, 10);
      const lines = printed
        .trim()
        .split('\n')
        .map((line) => line.split(' '));
      expect(lines.map(([, id]) => id)).toEqual(expected.map(({ item }) => scorer.items.ids[item]));
      const differences = lines.map(([score], place) => Math.abs(Number(score) - expected[place]!.score));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  60_000,
);
