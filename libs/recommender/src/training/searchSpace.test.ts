import { Random } from '../data/random';
import { HRNN_HYPERPARAMETERS, parseHyperparameters } from './hyperparameters';
import { defaultRanges, drawTrials, type GivenRanges, readRanges } from './searchSpace';

const RECIPE = 'aws-user-personalization';
const START = Object.fromEntries(HRNN_HYPERPARAMETERS.map((spec) => [spec.name, String(spec.default)]));
const read = (given: GivenRanges) => readRanges(RECIPE, HRNN_HYPERPARAMETERS, given);

test('without ranges the recipe tunes what it may, but for what is fixed', () => {
  expect(defaultRanges(HRNN_HYPERPARAMETERS, { bptt: '8' })).toEqual([
    { name: 'hidden_dimension', kind: 'integer', minimum: 32, maximum: 256 },
    { name: 'recency_mask', kind: 'categorical', values: ['true', 'false'] },
  ]);
});

test('a range that gives one end has the recipe’s other', () => {
  const integerHyperParameterRanges = [{ name: 'bptt', minValue: 16 }];
  expect(read({ integerHyperParameterRanges })).toEqual([{ name: 'bptt', kind: 'integer', minimum: 16, maximum: 32 }]);
});

test.each<[string, GivenRanges, string]>([
  ['no name', { integerHyperParameterRanges: [{}] }, 'integerHyperParameterRanges.1.member.name is missing. HPO of'],
  [
    'what is no hyperparameter',
    { integerHyperParameterRanges: [{ name: 'depth' }] },
    'name is "depth". HPO of aws-user-personalization tunes hidden_dimension, bptt, recency_mask.',
  ],
  [
    'what may not be tuned',
    { continuousHyperParameterRanges: [{ name: 'max_user_history_length_percentile' }] },
    'continuousHyperParameterRanges.1.member.name is "max_user_history_length_percentile". HPO of',
  ],
  [
    'the wrong kind',
    { continuousHyperParameterRanges: [{ name: 'bptt', minValue: 2, maxValue: 8 }] },
    'bptt is integer. Its range belongs into integerHyperParameterRanges.',
  ],
  [
    'too large a maximum',
    { integerHyperParameterRanges: [{ name: 'bptt', minValue: 2, maxValue: 33 }] },
    'maxValue is 33. Expected a whole number from 2 to 32.',
  ],
  [
    'too small a minimum',
    { integerHyperParameterRanges: [{ name: 'hidden_dimension', minValue: 8, maxValue: 64 }] },
    'minValue is 8. Expected a whole number from 32 to 256.',
  ],
  [
    'ends the wrong way round',
    { integerHyperParameterRanges: [{ name: 'bptt', minValue: 9, maxValue: 8 }] },
    'minValue is 9. Expected at most maxValue, which is 8.',
  ],
  [
    'a hyperparameter twice',
    { integerHyperParameterRanges: [{ name: 'bptt' }, { name: 'bptt' }] },
    'integerHyperParameterRanges.2.member.name is "bptt" once more',
  ],
  [
    'an unknown value',
    { categoricalHyperParameterRanges: [{ name: 'recency_mask', values: ['true', 'maybe'] }] },
    'values has "maybe". Expected some of true, false.',
  ],
  [
    'no value',
    { categoricalHyperParameterRanges: [{ name: 'recency_mask', values: [] }] },
    'values is empty. Expected some of true, false.',
  ],
])('%s is refused', (_what, given, message) => {
  expect(() => read(given)).toThrow(message);
});

test('trials are drawn from the ranges, the first from where training would begin, no two equal', () => {
  const ranges = read({
    integerHyperParameterRanges: [{ name: 'hidden_dimension', minValue: 32, maxValue: 64 }],
    categoricalHyperParameterRanges: [{ name: 'recency_mask' }],
  });
  const trials = drawTrials(ranges, START, 20, new Random(1));
  expect(trials[0]).toEqual({ ...START, hidden_dimension: '64' });
  expect(new Set(trials.map((trial) => JSON.stringify(trial))).size).toBe(20);
  for (const trial of trials) {
    const { hidden_dimension: hidden, bptt } = parseHyperparameters(trial);
    expect(hidden).toBeGreaterThanOrEqual(32);
    expect(hidden).toBeLessThanOrEqual(64);
    expect(bptt).toBe(32);
  }
  expect(new Set(trials.map((trial) => trial.recency_mask)).size).toBe(2);
  expect(drawTrials(ranges, START, 20, new Random(1))).toEqual(trials);
});

test('a space that holds fewer gives fewer trials', () => {
  const ranges = read({ categoricalHyperParameterRanges: [{ name: 'recency_mask' }] });
  expect(drawTrials(ranges, START, 9, new Random(1)).map((trial) => trial.recency_mask)).toEqual(['true', 'false']);
});

test('continuous ranges hold what is drawn', () => {
  const specs = [{ name: 'bptt', type: 'float', default: 0.25, minimum: 0, maximum: 1, tunable: true }] as const;
  const [range] = readRanges(RECIPE, specs, { continuousHyperParameterRanges: [{ name: 'bptt', maxValue: 0.5 }] });
  const drawn = drawTrials([range!], { bptt: '0.25' }, 30, new Random(2)).map(({ bptt }) => Number(bptt));
  expect(drawn).toHaveLength(30);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(0.5);
  expect(Math.max(...drawn)).toBeGreaterThan(0.4);
});
