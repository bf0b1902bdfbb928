import type { EstimatorReport, ExplorationReport, LoggedPolicy, PolicyReport } from '@attune/proto';
import { ESTIMATORS, headlineOf } from './headline';
import { type ForestRow, forestChart, slotChart } from './htmlCharts';
import { escapeHtml, figure, htmlTable, interval, percent, percentInterval, round } from './htmlElements';
import { STYLE } from './htmlStyle';

/** A report as one HTML page that needs nothing else. */
export function htmlReport(report: ExplorationReport): string {
  const { campaignArn, from, to, eventTypes, logged, policies, notes } = report;
  const clicks =
    eventTypes.length > 0 ? `events of type ${eventTypes.join(', ')}` : 'events of every type on an item of the list';
  const body = [
    `<h1>Exploration of ${escapeHtml(campaignArn.split('/').at(-1)!)}</h1>`,
    `<p class="soft">${escapeHtml(campaignArn)}<br>Lists served from ${minute(from!)} to ${minute(to!)} (UTC). Clicks are ${escapeHtml(clicks)}.</p>`,
    tiles(logged!),
    estimates(policies, logged!),
    bySlot(logged!),
    details(policies),
    settings(logged!),
    notes.length > 0
      ? section('What to know of this log', `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`)
      : '',
    HOW_TO_READ,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exploration of ${escapeHtml(campaignArn.split('/').at(-1)!)}</title><style>${STYLE}</style></head>
<body><main>
${body.filter(Boolean).join('\n')}
</main></body></html>
`;
}

function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>${content}</section>`;
}

const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');

function tiles({ lists, users, answered, clicked, clicksPerList }: LoggedPolicy): string {
  const share = (count: number) => (lists > 0 ? percent(count / lists) : 'none');
  const tile = (value: string, label: string) => `<div class="tile"><b>${value}</b><span>${label}</span></div>`;
  return `<div class="tiles">${[
    tile(
      clicksPerList ? figure(clicksPerList.value) : '–',
      `clicks per list as served${clicksPerList ? `, ${interval(clicksPerList)}` : ''}`,
    ),
    tile(lists.toLocaleString('en'), 'lists served'),
    tile(users.toLocaleString('en'), 'users'),
    tile(share(answered), 'of the lists named by an event'),
    tile(share(clicked), 'of the lists with a click'),
  ].join('')}</div>`;
}

function estimates(policies: readonly PolicyReport[], { clicksPerList }: LoggedPolicy): string {
  if (clicksPerList === undefined || policies.length === 0) return '';
  const rows = policies.map((policy): ForestRow => {
    const headline = headlineOf(policy);
    if (headline?.clicksPerList === undefined) {
      return { name: policy.name, refusal: refusalOf(policy), tip: '' };
    }
    const { value, lower, upper } = headline.clicksPerList;
    const tip = `${policy.name}, ${headline.estimator}: ${figure(value)}, 95% ${figure(lower)} to ${figure(upper)}, effective sample size ${headline.effectiveSampleSize.toFixed(0)}`;
    return { name: policy.name, estimate: headline.clicksPerList, tip };
  });
  const lead =
    '<p class="soft">Dots are estimates, lines their 95% intervals. The band is what the lists earned as they were served. ' +
    'Where a line lies outside of the band, the policy would have earned something else.</p>';
  return section('What other policies would have earned', lead + forestChart(rows, clicksPerList));
}

function refusalOf({ refusal, estimators }: PolicyReport): string {
  return refusal || (estimators.find((each) => each.refusal !== '')?.refusal ?? '');
}

function bySlot({ slots }: LoggedPolicy): string {
  if (slots.length === 0) return '';
  const rows = slots.map(({ lists, clickRate, exploredShare, exploredClickRate, relevantClickRate }, place) => [
    String(place + 1),
    lists.toLocaleString('en'),
    `${percent(clickRate!.value)} ${percentInterval(clickRate!)}`,
    percent(exploredShare),
    relevantClickRate ? `${percent(relevantClickRate.value)} ${percentInterval(relevantClickRate)}` : '–',
    exploredClickRate ? `${percent(exploredClickRate.value)} ${percentInterval(exploredClickRate)}` : '–',
  ]);
  const header = ['slot', 'lists', 'click rate', 'explored', 'by relevance', 'explored items'];
  return section('Click rate by slot, as served', slotChart(slots) + htmlTable(header, rows));
}

function details(policies: readonly PolicyReport[]): string {
  const parts = policies.map((policy) => {
    const { name, lists, users, leftOut, refusal, estimators } = policy;
    const counts = `${lists.toLocaleString('en')} lists of ${users.toLocaleString('en')} users${leftOut > 0 ? `, ${leftOut.toLocaleString('en')} left out` : ''}`;
    const content = refusal
      ? `<p class="refusal">Refused. ${escapeHtml(refusal)}</p>`
      : htmlTable(
          ['estimator', 'clicks per list', '95% interval', 'by bootstrap', 'effective sample size'],
          estimators.map((each) => estimatorRow(each, headlineOf(policy))),
        );
    return `<h3>${escapeHtml(name)}</h3><p class="soft">${counts}</p>${content}`;
  });
  return parts.length > 0 ? section('All estimates', parts.join('')) : '';
}

function estimatorRow(
  { estimator, clicksPerList, effectiveSampleSize, refusal }: EstimatorReport,
  headline?: EstimatorReport,
): string[] {
  const name = `<span title="${escapeHtml(ESTIMATORS[estimator] ?? '')}"${estimator === headline?.estimator ? ' class="first"' : ''}>${estimator}</span>`;
  if (clicksPerList === undefined) return [name, '–', `<span class="soft">${escapeHtml(refusal)}</span>`, '', ''];
  const { value, bootstrapLower, bootstrapUpper } = clicksPerList;
  const bootstrap =
    bootstrapLower === undefined || bootstrapUpper === undefined
      ? ''
      : interval({ ...clicksPerList, lower: bootstrapLower, upper: bootstrapUpper });
  return [
    name,
    figure(value),
    interval(clicksPerList),
    bootstrap,
    Math.round(effectiveSampleSize).toLocaleString('en'),
  ];
}

function settings({ settings: given }: LoggedPolicy): string {
  const rows = given.map(({ explorationWeight, explorationItemAgeCutOff, solutionVersionArn, lists }) => [
    escapeHtml(solutionVersionArn),
    round(explorationWeight),
    round(explorationItemAgeCutOff),
    lists.toLocaleString('en'),
  ]);
  if (rows.length === 0) return '';
  return section(
    'How the lists were served',
    htmlTable(['solution version', 'weight', 'cut-off, days', 'lists'], rows),
  );
}

const HOW_TO_READ = section(
  'How to read this',
  `<p class="soft">Every list was logged with the exact probability of each of its choices. An estimate weighs each list by how much more or
less probable another policy makes it. What that policy would have changed beyond single lists is not in it: item statistics and users stay
as the served lists made them. The estimators differ in what they assume; the one in bold is the one drawn above.</p>
<dl>${Object.entries(ESTIMATORS)
    .map(([name, assumption]) => `<dt>${name}</dt><dd>${escapeHtml(assumption)}</dd>`)
    .join('')}</dl>
<p class="soft" style="margin-top:12px">The effective sample size says how many lists of the policy itself would tell as much. Intervals take the lists of one user as one
observation. An estimate is refused where the log holds too little of what the policy would show.</p>`,
);
