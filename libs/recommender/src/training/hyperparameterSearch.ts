import { InvalidInputError } from '@attune/domain';
import { LIST_LENGTH, normalizedDiscountedCumulativeGainAt, precisionAt, reciprocalRank } from '../evaluation/metrics';
import type { HyperparameterSpec } from './hyperparameters';
import { defaultRanges, type GivenRanges, type HyperparameterRange, readRanges, type Settings } from './searchSpace';

/** What a search looks for, and how long. */
export interface HyperparameterSearch {
  readonly ranges: readonly HyperparameterRange[];
  /** At most; fewer where the ranges hold fewer. */
  readonly trials: number;
  readonly objective: SearchObjective;
}

const gainAt = (k: number) => (hits: readonly number[]) => normalizedDiscountedCumulativeGainAt(k, hits, 1);

/** What trials can be compared by: the API's metrics but coverage, of the next item of the validation users. */
const OBJECTIVES = {
  normalized_discounted_cumulative_gain_at_5: gainAt(5),
  normalized_discounted_cumulative_gain_at_10: gainAt(10),
  normalized_discounted_cumulative_gain_at_25: gainAt(25),
  mean_reciprocal_rank_at_25: reciprocalRank,
  precision_at_5: (hits: readonly number[]) => precisionAt(5, hits),
  precision_at_10: (hits: readonly number[]) => precisionAt(10, hits),
  precision_at_25: (hits: readonly number[]) => precisionAt(25, hits),
} as const;

export type SearchObjective = keyof typeof OBJECTIVES;

/** The mean of an objective over validation users. @param ranks of the next item of each, counted from 1 */
export function objectiveOf(objective: SearchObjective, ranks: readonly number[]): number {
  const sum = ranks.reduce((total, rank) => total + OBJECTIVES[objective](rank <= LIST_LENGTH ? [rank] : []), 0);
  return sum / Math.max(1, ranks.length);
}

/** The API's hpoConfig. */
export interface GivenSearch {
  hpoObjective?:
    | { type?: string | undefined; metricName?: string | undefined; metricRegex?: string | undefined }
    | undefined;
  hpoResourceConfig?:
    | { maxNumberOfTrainingJobs?: string | undefined; maxParallelTrainingJobs?: string | undefined }
    | undefined;
  algorithmHyperParameterRanges?: GivenRanges | undefined;
}

/** The API's limits, and how many trials there are where a request does not say: three rungs. */
const [MOST_TRIALS, MOST_PARALLEL, DEFAULT_TRIALS] = [40, 10, 9];

/**
 * Reads the configuration of a search as the API carries it.
 * @param recipe its name, for messages
 * @param specs the recipe's hyperparameters
 * @param fixed what the solution sets beside the search: tuned only where a range names it
 * @throws InvalidInputError naming the member, its value and what is allowed
 */
export function readSearch(
  recipe: string,
  specs: readonly HyperparameterSpec[],
  given: GivenSearch = {},
  fixed: Settings = {},
): HyperparameterSearch {
  const { maxNumberOfTrainingJobs, maxParallelTrainingJobs } = given.hpoResourceConfig ?? {};
  const trials = readCount('maxNumberOfTrainingJobs', maxNumberOfTrainingJobs, MOST_TRIALS) ?? DEFAULT_TRIALS;
  readCount('maxParallelTrainingJobs', maxParallelTrainingJobs, MOST_PARALLEL);
  const named = readRanges(recipe, specs, given.algorithmHyperParameterRanges ?? {});
  const ranges = named.length > 0 ? named : defaultRanges(specs, fixed);
  if (ranges.length === 0) {
    throw new InvalidInputError(
      'performHPO is true, and algorithmHyperParameters sets every hyperparameter that could be tuned. Leave out some, or name ranges in hpoConfig.algorithmHyperParameterRanges.',
    );
  }
  return { ranges, trials, objective: readObjective(given.hpoObjective) };
}

function readCount(member: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new InvalidInputError(
    `hpoConfig.hpoResourceConfig.${member} is "${text}". Expected a whole number from 1 to ${most}.`,
  );
}

function readObjective({
  type,
  metricName,
  metricRegex,
}: NonNullable<GivenSearch['hpoObjective']> = {}): SearchObjective {
  const at = 'hpoConfig.hpoObjective';
  if (type !== undefined && type.toLowerCase() !== 'maximize') {
    throw new InvalidInputError(`${at}.type is "${type}". Expected Maximize: of every metric more is better.`);
  }
  if (metricRegex !== undefined) {
    throw new InvalidInputError(`${at}.metricRegex has no effect: metrics are not read from a log. Give metricName.`);
  }
  if (metricName === undefined) return 'normalized_discounted_cumulative_gain_at_10';
  if (Object.hasOwn(OBJECTIVES, metricName)) return metricName as SearchObjective;
  throw new InvalidInputError(`${at}.metricName is "${metricName}". Expected ${Object.keys(OBJECTIVES).join(', ')}.`);
}
