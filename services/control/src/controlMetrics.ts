import { Counter, type Registry } from '@attune/service';

/** What the control plane counts of what it does by itself. */
export interface ControlMetrics {
  deployments: Counter<'outcome'>;
  automaticTrainings: Counter<'decision'>;
}

export function createControlMetrics(metrics: Registry): ControlMetrics {
  const registers = [metrics];
  return {
    deployments: new Counter({
      name: 'attune_control_deployments_total',
      help: 'Decisions on a campaign and a new version: moved, worse, not_its_line, serves_it or older.',
      labelNames: ['outcome'],
      registers,
    }),
    automaticTrainings: new Counter({
      name: 'attune_control_automatic_trainings_total',
      help: 'Decisions on a solution whose time for a training came: full, update, nothing_new, training, no_data or taken.',
      labelNames: ['decision'],
      registers,
    }),
  };
}
