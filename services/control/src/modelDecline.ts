import type { SolutionVersion } from '@attune/database';
import type { ModelMetrics } from '@attune/recommender';

/** Fewer test users give no standard error that means anything. */
const LEAST_CASES = 25;

/** A difference of 2 standard errors comes about by chance in 1 of 44 comparisons of equal models. */
const STANDARD_ERRORS = 2;

/** Less than this share of the figure is not worth staying behind the data for. */
const LEAST_LOSS = 0.05;

const FIGURE = 'normalized_discounted_cumulative_gain_at_10';

/** What the trainer writes down of a version. */
type VersionMetrics = ModelMetrics & { comparedWith?: string };

/**
 * Whether a version is clearly worse than another that it was measured beside, on the same held-out users: its NDCG@10 is
 * lower by more than 2 standard errors of the paired difference and by more than 5%.
 * @returns what was found, in a sentence; undefined where it is not worse, or the two were not compared
 */
export function findDecline({ metrics }: Pick<SolutionVersion, 'metrics'>, otherArn: string): string | undefined {
  const { comparison, comparedWith, cases, model } = (metrics ?? {}) as unknown as Partial<VersionMetrics>;
  if (!comparison || !model || cases === undefined || comparedWith !== otherArn || cases < LEAST_CASES)
    return undefined;
  const { before, difference, standardError } = comparison;
  const clear = difference < -STANDARD_ERRORS * standardError;
  const large = difference < -LEAST_LOSS * before[FIGURE];
  if (!clear || !large) return undefined;
  const [from, to, by, error] = [before[FIGURE], model[FIGURE], difference, standardError].map((x) => x.toFixed(4));
  return `NDCG@10 on ${cases} held-out users is ${to}, where ${otherArn} has ${from}: ${by} with a standard error of ${error}.`;
}
