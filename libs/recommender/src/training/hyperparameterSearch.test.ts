import { type GivenSearch, objectiveOf, readSearch } from './hyperparameterSearch';
import { HRNN_HYPERPARAMETERS } from './hyperparameters';

const read = (given?: GivenSearch, fixed?: Record<string, string>) =>
  readSearch('aws-user-personalization', HRNN_HYPERPARAMETERS, given, fixed);

test('a search that says nothing tunes what the recipe allows, in nine trials, by NDCG@10', () => {
  const { ranges, ...rest } = read();
  expect(ranges.map(({ name }) => name)).toEqual(['hidden_dimension', 'bptt', 'recency_mask']);
  expect(rest).toEqual({ trials: 9, objective: 'normalized_discounted_cumulative_gain_at_10' });
});

test('what is fixed is tuned only where a range names it', () => {
  const fixed = { bptt: '8' };
  expect(read({}, fixed).ranges.map(({ name }) => name)).toEqual(['hidden_dimension', 'recency_mask']);
  const algorithmHyperParameterRanges = { integerHyperParameterRanges: [{ name: 'bptt', minValue: 4, maxValue: 8 }] };
  expect(read({ algorithmHyperParameterRanges }, fixed).ranges.map(({ name }) => name)).toEqual(['bptt']);
});

test('resources and objective are taken over', () => {
  const hpoResourceConfig = { maxNumberOfTrainingJobs: '40', maxParallelTrainingJobs: '10' };
  const hpoObjective = { type: 'Maximize', metricName: 'mean_reciprocal_rank_at_25' };
  expect(read({ hpoResourceConfig, hpoObjective })).toMatchObject({
    trials: 40,
    objective: 'mean_reciprocal_rank_at_25',
  });
});

test.each<[string, GivenSearch, string]>([
  [
    'too many trials',
    { hpoResourceConfig: { maxNumberOfTrainingJobs: '41' } },
    '"41". Expected a whole number from 1 to 40.',
  ],
  ['no trial', { hpoResourceConfig: { maxNumberOfTrainingJobs: '0' } }, 'maxNumberOfTrainingJobs is "0"'],
  ['trials in words', { hpoResourceConfig: { maxNumberOfTrainingJobs: 'ten' } }, 'maxNumberOfTrainingJobs is "ten"'],
  [
    'too many at once',
    { hpoResourceConfig: { maxParallelTrainingJobs: '11' } },
    '"11". Expected a whole number from 1 to 10.',
  ],
  ['less of a metric', { hpoObjective: { type: 'Minimize' } }, 'hpoObjective.type is "Minimize". Expected Maximize'],
  ['another metric', { hpoObjective: { metricName: 'coverage' } }, 'metricName is "coverage". Expected normalized_'],
  ['a log to read', { hpoObjective: { metricRegex: '.*' } }, 'hpoObjective.metricRegex has no effect'],
])('%s is refused', (_what, given, message) => {
  expect(() => read(given)).toThrow(message);
});

test('a search with nothing left to tune is refused', () => {
  const everything = { hidden_dimension: '64', bptt: '8', recency_mask: 'true' };
  expect(() => read({}, everything)).toThrow('sets every hyperparameter that could be tuned');
});

test.each([
  ['normalized_discounted_cumulative_gain_at_10', (1 + 1 / 2) / 4],
  ['normalized_discounted_cumulative_gain_at_25', (1 + 1 / 2 + 1 / Math.log2(21)) / 4],
  ['mean_reciprocal_rank_at_25', (1 + 1 / 3 + 1 / 20) / 4],
  ['precision_at_25', 3 / 25 / 4],
] as const)('%s of ranks 1, 3, 20 and 26', (objective, expected) => {
  expect(objectiveOf(objective, [1, 3, 20, 26])).toBeCloseTo(expected, 12);
});
