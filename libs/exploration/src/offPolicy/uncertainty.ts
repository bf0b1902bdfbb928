import { InvalidInputError } from '@attune/domain';
import { Random } from '@attune/recommender';

/** How far a mean may be off. */
export interface Uncertainty {
  standardError: number;
  /** 95%, by the normal distribution. */
  interval: Interval;
  /** 95%, between the quantiles of resampled means. Absent where no resampling was asked for. */
  bootstrapInterval?: Interval;
}

export type Interval = readonly [lower: number, upper: number];

export interface UncertaintySettings {
  /** How often the clusters are drawn anew. @default 0, no bootstrap */
  resamples?: number;
  /** Of the resampling. Unsigned, 32 bits. @default 1 */
  seed?: number;
}

/** The 97.5th percentile of the standard normal distribution. */
const NORMAL_975 = 1.959963984540054;

/**
 * The standard error of a mean and its 95% intervals. What belongs to one cluster is summed up first, so that it may depend on
 * each other in any way (Liang and Zeger 1986); where each cluster has one member, that is the ordinary standard error.
 * @param contributions of each list; their mean is the estimate
 * @throws InvalidInputError where there are fewer than two clusters
 */
export function uncertaintyOf(
  contributions: Float64Array,
  clusters: readonly string[],
  { resamples = 0, seed = 1 }: UncertaintySettings = {},
): Uncertainty {
  const { sums, sizes } = clusterSums(contributions, clusters);
  const count = sums.length;
  if (count < 2) throw new InvalidInputError('An interval needs lists of at least two users. The log has fewer.');
  const mean = contributions.reduce((sum, value) => sum + value, 0) / contributions.length;
  let squares = 0;
  for (let cluster = 0; cluster < count; cluster++) squares += (sums[cluster]! - mean * sizes[cluster]!) ** 2;
  const standardError = Math.sqrt((squares * count) / (count - 1)) / contributions.length;
  const margin = NORMAL_975 * standardError;
  return {
    standardError,
    interval: [mean - margin, mean + margin],
    ...(resamples > 0 && { bootstrapInterval: bootstrap(sums, sizes, resamples, new Random(seed)) }),
  };
}

function clusterSums(contributions: Float64Array, clusters: readonly string[]): { sums: number[]; sizes: number[] } {
  const places = new Map<string, number>();
  const sums: number[] = [];
  const sizes: number[] = [];
  clusters.forEach((cluster, list) => {
    let place = places.get(cluster);
    if (place === undefined) {
      place = sums.push(0) - 1;
      sizes.push(0);
      places.set(cluster, place);
    }
    sums[place]! += contributions[list]!;
    sizes[place]! += 1;
  });
  return { sums, sizes };
}

/** The percentile interval of Efron (1979), over means of clusters drawn with replacement. */
function bootstrap(sums: readonly number[], sizes: readonly number[], resamples: number, random: Random): Interval {
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let size = 0;
    for (let draw = 0; draw < sums.length; draw++) {
      const cluster = Math.floor(random.uniform() * sums.length);
      sum += sums[cluster]!;
      size += sizes[cluster]!;
    }
    means[resample] = sum / size;
  }
  means.sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** Linear between the two nearest, as NumPy's percentile. */
function quantile(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
