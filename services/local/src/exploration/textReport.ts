import type { ExplorationReport, MeanEstimate, PolicyReport } from '@attune/proto';
import { headlineOf } from './headline';
import { textTable } from './textTable';

/** A report for a terminal. */
export function textReport(report: ExplorationReport): string {
  const { campaignArn, from, to, logged, policies, notes } = report;
  const { lists, users, answered, clicked, clicksPerList, slots } = logged!;
  const lines = [
    `${campaignArn}, lists served from ${from!.toISOString()} to ${to!.toISOString()}`,
    `${lists} lists, ${users} users; ${answered} lists were answered, ${clicked} were clicked.`,
    `Clicks per list, as served: ${clicksPerList ? withInterval(clicksPerList) : 'no interval'}`,
    '',
    textTable(
      ['slot', 'lists', 'click rate', 'explored', 'of explored', 'of the others'],
      slots.map(({ lists: shown, clickRate, exploredShare, exploredClickRate, relevantClickRate }, place) => [
        String(place + 1),
        String(shown),
        withInterval(clickRate!),
        `${(100 * exploredShare).toFixed(1)}%`,
        exploredClickRate ? withInterval(exploredClickRate) : '',
        relevantClickRate ? withInterval(relevantClickRate) : '',
      ]),
    ),
    '',
    'What other policies would have earned, in clicks per list with 95% intervals:',
    textTable(['policy', 'estimator', 'clicks per list', 'effective sample size'], policies.flatMap(policyRows)),
    ...notes.map((note) => `\n${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function policyRows(policy: PolicyReport): string[][] {
  if (policy.refusal) return [[policy.name, 'refused', policy.refusal, '']];
  const headline = headlineOf(policy);
  return policy.estimators.map(({ estimator, clicksPerList, effectiveSampleSize, refusal }, index) => [
    index === 0 ? policy.name : '',
    estimator === headline?.estimator ? `${estimator} *` : estimator,
    clicksPerList ? withInterval(clicksPerList) : refusal,
    clicksPerList ? effectiveSampleSize.toFixed(0) : '',
  ]);
}

function withInterval({ value, lower, upper }: MeanEstimate): string {
  return `${value.toFixed(4)} [${lower.toFixed(4)}, ${upper.toFixed(4)}]`;
}
