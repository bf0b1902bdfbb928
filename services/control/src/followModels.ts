import { type Subscription, topics } from '@attune/bus';
import { deployVersion } from './campaignDeployment';
import type { ControlMetrics } from './controlMetrics';
import type { ControlParts } from './controlParts';

/** Decides for each campaign which version it serves, as trainings finish. */
export function followModels(
  parts: Pick<ControlParts, 'bus' | 'database' | 'now' | 'logger'> & { metrics: Pick<ControlMetrics, 'deployments'> },
): Promise<Subscription> {
  return parts.bus.subscribe(topics.models, {
    group: 'control',
    onBatch: async ({ messages }) => {
      for (const { value } of messages) await deployVersion(parts, value.solutionVersionArn);
    },
  });
}
