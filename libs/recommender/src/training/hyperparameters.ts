import { InvalidInputError } from '@attune/domain';
import { DEFAULT_RECIPE, type RecipeName } from '../networks/recipeName';

/** Which histories are trained on. */
interface HistoryFilter {
  /** Users whose history is shorter than this quantile of the lengths are left out of training. */
  min_user_history_length_percentile: number;
  /** Users whose history is longer than this quantile of the lengths are left out of training. */
  max_user_history_length_percentile: number;
}

/** The hyperparameters of recipe aws-user-personalization, with the API's names. */
export interface HrnnHyperparameters extends HistoryFilter {
  /** Size of the GRU's hidden state. */
  hidden_dimension: number;
  /** How many events back the gradient flows; the hidden state itself is carried on beyond them. */
  bptt: number;
  /** Whether recent interactions weigh more, in the loss and in the popularity distribution. */
  recency_mask: boolean;
}

/** The hyperparameters of recipe aws-user-personalization-v2: the API's one, and those of the transformer. */
export interface TransformerHyperparameters extends HistoryFilter {
  /** Whether recent interactions weigh more, in the loss and in the popularity distribution. */
  apply_recency_bias: boolean;
  /** Size of an item's vector, and of every vector between the layers: rounded to the next multiple of 8. */
  hidden_dimension: number;
  num_layers: number;
  num_heads: number;
  /** The latest events that are read, in training and in serving, where histories are as long. */
  max_sequence_length: number;
}

/** The hyperparameters of any recipe. */
export type Hyperparameters = HrnnHyperparameters | TransformerHyperparameters;

/** One row of the table that defaults, checks and DescribeRecipe's answer are made from. */
export interface HyperparameterSpec {
  readonly name: string;
  readonly type: 'integer' | 'float' | 'boolean';
  readonly default: number | boolean;
  /** Inclusive; numbers only. */
  readonly minimum?: number;
  /** Inclusive; numbers only. */
  readonly maximum?: number;
  /** Whether hyperparameter optimisation may vary it. */
  readonly tunable: boolean;
}

/** Of every recipe. @param longest the default of the upper quantile */
function historyFilter(longest: number): HyperparameterSpec[] {
  const percentile = { type: 'float', minimum: 0, maximum: 1, tunable: false } as const;
  return [
    { name: 'min_user_history_length_percentile', default: 0, ...percentile },
    { name: 'max_user_history_length_percentile', default: longest, ...percentile },
  ];
}

/** Of recipe aws-user-personalization. */
export const HRNN_HYPERPARAMETERS: readonly HyperparameterSpec[] = [
  { name: 'hidden_dimension', type: 'integer', default: 149, minimum: 32, maximum: 256, tunable: true },
  { name: 'bptt', type: 'integer', default: 32, minimum: 2, maximum: 32, tunable: true },
  { name: 'recency_mask', type: 'boolean', default: true, tunable: true },
  ...historyFilter(0.99),
];

/**
 * Of recipe aws-user-personalization-v2. It learns the longest histories, too, as that of AWS does, which has no such filter: they are
 * read in windows, and a hundredth of the users can have a tenth of the events.
 */
export const TRANSFORMER_HYPERPARAMETERS: readonly HyperparameterSpec[] = [
  { name: 'apply_recency_bias', type: 'boolean', default: true, tunable: false },
  { name: 'hidden_dimension', type: 'integer', default: 64, minimum: 32, maximum: 256, tunable: true },
  { name: 'num_layers', type: 'integer', default: 2, minimum: 1, maximum: 4, tunable: true },
  { name: 'num_heads', type: 'integer', default: 2, minimum: 1, maximum: 2, tunable: false },
  { name: 'max_sequence_length', type: 'integer', default: 100, minimum: 10, maximum: 200, tunable: false },
  ...historyFilter(1),
];

/** What of a recipe says which hyperparameters there are. */
interface RecipeSpecs {
  readonly name: RecipeName;
  readonly hyperparameters: readonly HyperparameterSpec[];
}

/**
 * Reads hyperparameters as the API carries them: strings by name; what is absent takes its default.
 * @throws InvalidInputError naming the member, its value and what is allowed
 */
export function parseHyperparameters(given?: Readonly<Record<string, string>>): HrnnHyperparameters;
export function parseHyperparameters(given: Readonly<Record<string, string>>, recipe: RecipeSpecs): Hyperparameters;
export function parseHyperparameters(
  given: Readonly<Record<string, string>> = {},
  recipe: RecipeSpecs = {
    name: DEFAULT_RECIPE,
    hyperparameters: HRNN_HYPERPARAMETERS,
  },
): Hyperparameters {
  const names = recipe.hyperparameters.map((spec) => spec.name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw new InvalidInputError(
        `algorithmHyperParameters.${name} is no hyperparameter of ${recipe.name}. It has ${names.join(', ')}.`,
      );
    }
  }
  const entries = recipe.hyperparameters.map((spec) => [spec.name, parseValue(spec, given[spec.name])]);
  const parsed = Object.fromEntries(entries) as Hyperparameters;
  const { min_user_history_length_percentile: low, max_user_history_length_percentile: high } = parsed;
  if (low >= high) {
    throw new InvalidInputError(
      `algorithmHyperParameters.min_user_history_length_percentile is ${low}. Expected less than max_user_history_length_percentile, which is ${high}.`,
    );
  }
  return parsed;
}

/** The same as strings by name, as the API carries them. */
export function writeHyperparameters(hyperparameters: Hyperparameters): Record<string, string> {
  return Object.fromEntries(Object.entries(hyperparameters).map(([name, value]) => [name, String(value)]));
}

function parseValue(spec: HyperparameterSpec, text: string | undefined): number | boolean {
  if (text === undefined) return spec.default;
  const refuse = (allowed: string) =>
    new InvalidInputError(`algorithmHyperParameters.${spec.name} is "${text}". Expected ${allowed}.`);
  if (spec.type === 'boolean') {
    const lower = text.trim().toLowerCase();
    if (lower !== 'true' && lower !== 'false') throw refuse('true or false');
    return lower === 'true';
  }
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = spec;
  const wrongType = spec.type === 'integer' ? !Number.isInteger(value) : !Number.isFinite(value);
  if (wrongType || value < minimum || value > maximum) {
    throw refuse(`${spec.type === 'integer' ? 'a whole number' : 'a number'} from ${minimum} to ${maximum}`);
  }
  return value;
}
