import type { ModelMetrics } from '@attune/recommender';
import pc from 'picocolors';

const SOLUTION_METRICS = [
  ['normalized_discounted_cumulative_gain_at_10', 'NDCG@10'],
  ['mean_reciprocal_rank_at_25', 'MRR@25'],
  ['precision_at_10', 'precision@10'],
  ['coverage', 'coverage'],
] as const;

const NEXT_ITEM_METRICS = [
  ['hit_rate_at_10', 'HR@10'],
  ['normalized_discounted_cumulative_gain_at_10', 'NDCG@10'],
] as const;

/** The model's metrics beside popularity's on the same held-out users, one line each. */
export function metricsTable({ model, popularity, nextItem, cases }: ModelMetrics): string[] {
  const lines = [
    pc.dim(`${''.padEnd(36)}${'model'.padStart(9)}${'popularity'.padStart(13)}`),
    ...SOLUTION_METRICS.map(([name, label]) => row(label, model[name], popularity[name])),
  ];
  for (const [name, label] of NEXT_ITEM_METRICS) {
    lines.push(row(`next item, whole catalogue: ${label}`, nextItem.model[name], nextItem.popularity[name]));
  }
  return [...lines, pc.dim(`measured on the newest interactions of ${cases} users held out of training`)];
}

function row(label: string, model: number, popularity: number): string {
  const better = model > popularity ? pc.green : String;
  return `  ${label.padEnd(34)}${better(model.toFixed(4).padStart(9))}${popularity.toFixed(4).padStart(13)}`;
}
