import { TRANSFORMER } from '../networks/transformerRecipe';
import { parseHyperparameters } from './hyperparameters';

test('what is not given has the default of the recipe', () => {
  expect(parseHyperparameters()).toEqual({
    hidden_dimension: 149,
    bptt: 32,
    recency_mask: true,
    min_user_history_length_percentile: 0,
    max_user_history_length_percentile: 0.99,
  });
});

test('the transformer learns the longest histories, too', () => {
  expect(parseHyperparameters({}, TRANSFORMER)).toMatchObject({
    min_user_history_length_percentile: 0,
    max_user_history_length_percentile: 1,
  });
});

test('values come as strings', () => {
  expect(parseHyperparameters({ hidden_dimension: '64', recency_mask: 'False' })).toMatchObject({
    hidden_dimension: 64,
    recency_mask: false,
  });
});

test.each([
  [
    { hidden_dimension: '31' },
    'algorithmHyperParameters.hidden_dimension is "31". Expected a whole number from 32 to 256.',
  ],
  [{ hidden_dimension: '64.5' }, 'Expected a whole number from 32 to 256.'],
  [{ bptt: '' }, 'algorithmHyperParameters.bptt is "". Expected a whole number from 2 to 32.'],
  [{ recency_mask: 'yes' }, 'algorithmHyperParameters.recency_mask is "yes". Expected true or false.'],
  [{ max_user_history_length_percentile: '1.5' }, 'Expected a number from 0 to 1.'],
  [{ hidden_dimensions: '64' }, 'algorithmHyperParameters.hidden_dimensions is no hyperparameter'],
  [{ min_user_history_length_percentile: '0.99' }, 'Expected less than max_user_history_length_percentile'],
])('%p is refused', (given, message) => {
  expect(() => parseHyperparameters(given as Record<string, string>)).toThrow(message);
});
