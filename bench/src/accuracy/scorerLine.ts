import { type Figure, printFigure, roundFigure } from '../figure';
import type { AccuracyResult, Protocol } from './accuracyJob';

/** One scorer's figures over some seeds, all of the same data. */
export interface ScorerFigures {
  name: string;
  /** By name, one for each seed. */
  metrics: Record<string, number[]>;
  seeds: readonly number[];
  /** What else a line tells, for example how long it took. */
  details: Record<string, unknown>;
}

/** What leave-one-out figures are called in a line. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  hit_rate_at_10: 'hr_at_10',
  normalized_discounted_cumulative_gain_at_10: 'ndcg_at_10',
  recall_at_25: 'recall_at_25',
  mean_reciprocal_rank: 'mrr',
};

/** The figure that a line leads with. */
export const LEADING: Readonly<Record<Protocol, string>> = {
  'leave-one-out': 'ndcg_at_10',
  api: 'normalized_discounted_cumulative_gain_at_10',
};

/** Brings the results of several seeds together, scorer by scorer. @param results one for each seed */
export function gather(
  results: readonly AccuracyResult[],
  seeds: readonly number[],
  protocol: Protocol,
): ScorerFigures[] {
  const [first] = results as [AccuracyResult];
  const of = (pick: (result: AccuracyResult) => number) => roundFigure(mean(results.map(pick)));
  return first.scorers.map(({ name, metrics }, index) => ({
    name,
    seeds,
    metrics: Object.fromEntries(
      Object.keys(metrics).map((metric) => [
        (protocol === 'leave-one-out' && SHORT_NAMES[metric]) || metric,
        results.map(({ scorers }) => scorers[index]!.metrics[metric]!),
      ]),
    ),
    details: {
      users: first.users,
      items: first.items,
      masked: first.masked,
      wall_s: of(({ wallSeconds }) => wallSeconds),
      cpu_s: of(({ cpuSeconds }) => cpuSeconds),
      peak_memory_mib: roundFigure(Math.max(...results.map(({ peakMemoryMib }) => peakMemoryMib))),
      ...detailsOf(results.map(({ scorers }) => scorers[index]!.details)),
    },
  }));
}

/** Of several seeds, lists. */
function detailsOf(all: readonly Record<string, number | string>[]): Record<string, unknown> {
  const [first = {}] = all;
  return Object.fromEntries(
    Object.keys(first).map((key) => {
      const values = all.map((details) => details[key]);
      return [key, new Set(values).size === 1 ? values[0] : values];
    }),
  );
}

/** Prints one line: the mean over the seeds, and of several seeds its standard error. */
export function printScorer(
  { name, metrics, seeds, details }: ScorerFigures,
  { data, protocol, peer }: { data: string; protocol: Protocol; peer?: ScorerFigures | undefined },
): void {
  const leading = LEADING[protocol];
  const value = mean(metrics[leading]!);
  const figure: Figure = {
    name: `${data} ${name}`,
    value,
    unit: `${protocol === 'api' ? 'NDCG@10, the API’s split' : 'NDCG@10, leave-one-out, full ranking'}${seeds.length > 1 ? `, mean of ${seeds.length} seeds` : ''}`,
    ...(peer && peer.name !== name && { peer: peer.name, peerValue: mean(peer.metrics[leading]!) }),
  };
  const means = Object.entries(metrics).map(([metric, values]) => [metric, roundFigure(mean(values))]);
  const errors = Object.entries(metrics).map(([metric, values]) => [
    `${metric}_standard_error`,
    roundFigure(standardError(values)),
  ]);
  printFigure({
    ...figure,
    details: {
      ...Object.fromEntries(means),
      ...(seeds.length > 1 && { ...Object.fromEntries(errors), seeds }),
      ...details,
    },
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean. */
function standardError(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
