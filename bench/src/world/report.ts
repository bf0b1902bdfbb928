import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SIMULATED } from '@attune/world';
import { type Figure, printFigure } from '../figure';
import { survival } from './discovery';
import type { DayMeasures } from './measures';
import { svgOf } from './plots';
import { PROMISE } from './policies';
import type { PolicyResult } from './results';

/** Prints each policy's figures, beside those of the first: pure relevance. */
export function printResults(results: readonly PolicyResult[], about: string): void {
  const [base] = results;
  for (const result of results) {
    const print = (name: string, unit: string, of: (each: PolicyResult) => number | undefined) => {
      const [value, peerValue] = [of(result), of(base!)];
      if (value === undefined) return;
      const peer: Partial<Figure> = result === base || peerValue === undefined ? {} : { peer: base!.policy, peerValue };
      printFigure({
        name: `world ${result.policy}: ${name}`,
        value,
        unit: `${unit} (${SIMULATED}: ${about})`,
        ...peer,
      });
    };
    print('clicks', 'clicks', ({ clicks }) => clicks);
    print('expected clicks', 'clicks', ({ expectedClicks }) => expectedClicks);
    print('regret', 'expected clicks', ({ regret }) => regret);
    print('good new items to their fair share', 'days, median', ({ medianWait }) => medianWait);
    print('good new items that got there', 'share', reached);
    print('catalogue shown', 'share of items', ({ coverage }) => coverage);
    print('explored', 'share of impressions', ({ explored }) => explored);
    print('new items', 'share of impressions', ({ newItems }) => newItems);
    print(
      `${PROMISE.impressions} impressions in ${PROMISE.hours} hours`,
      'share of new items',
      ({ promised }) => promised,
    );
  }
}

function reached({ waits }: PolicyResult): number {
  return waits.filter(({ happened }) => happened).length / waits.length;
}

/** Writes the table and the plots for the documentation. */
export async function writeResults(folder: string, results: readonly PolicyResult[], about: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.md'), tableOf(results, about));
  const base = results[0]!;
  const daily = (of: (day: DayMeasures, baseDay: DayMeasures) => number) =>
    results.map(({ policy, days }) => {
      let sum = 0;
      const points = days.map((day, index) => {
        sum += of(day, base.days[index]!);
        return { x: index + 1, y: sum };
      });
      return { name: policy, points: [{ x: 0, y: 0 }, ...points] };
    });
  const plots = {
    clicks: svgOf({
      title: `${SIMULATED}: expected clicks beyond those of ${base.policy}`,
      xLabel: 'day',
      yLabel: 'clicks since the first day',
      lines: daily((day, baseDay) => day.expectedClicks - baseDay.expectedClicks),
    }),
    regret: svgOf({
      title: `${SIMULATED}: regret against the best possible lists`,
      xLabel: 'day',
      yLabel: 'expected clicks since the first day',
      lines: daily((day) => day.idealClicks - day.expectedClicks),
    }),
    discovery: svgOf({
      title: `${SIMULATED}: good new items that still wait for their fair share`,
      xLabel: 'days since the item came',
      yLabel: 'share that waits',
      lines: results.map(({ policy, waits, days }) => {
        const steps = survival(waits).map((step) => ({ x: step.days, y: step.waiting }));
        return { name: policy, steps: true, points: [...steps, { x: days.length, y: steps.at(-1)!.y }] };
      }),
    }),
  };
  for (const [name, svg] of Object.entries(plots)) await writeFile(join(folder, `${name}.svg`), svg);
}

function tableOf(results: readonly PolicyResult[], about: string): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const rows = results.map((result) => [
    result.policy,
    String(result.clicks),
    result.expectedClicks.toFixed(0),
    result.regret.toFixed(0),
    result.medianWait === undefined ? 'not reached by half' : `${result.medianWait.toFixed(2)}`,
    percent(reached(result)),
    percent(result.coverage),
    percent(result.explored),
    percent(result.newItems),
    percent(result.promised),
  ]);
  const header = [
    'policy',
    'clicks',
    'expected clicks',
    'regret',
    'days to fair share, median',
    'got there',
    'catalogue shown',
    'explored',
    'new items',
    `${PROMISE.impressions} in ${PROMISE.hours} h`,
  ];
  const lines = [header, header.map((_, index) => (index === 0 ? '---' : '--:')), ...rows];
  return `${SIMULATED}: ${about}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
