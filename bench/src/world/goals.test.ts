import { printGoals } from './goals';
import type { PolicyResult } from './results';

const NAMES = { relevance: 'w = 0', exploring: 'w = 0.3', peer: 'epsilon' };

const result = (policy: string, more: Partial<PolicyResult>) =>
  ({ policy, expectedClicks: 100, promised: 0, waits: [{ days: 20, happened: false }], ...more }) as PolicyResult;

const printed = (results: readonly PolicyResult[]) => {
  const lines: { name: string; value: number; unit: string; ratio: number }[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(JSON.parse(line)));
  printGoals(results, NAMES);
  log.mockRestore();
  return lines;
};

test('what never got there under pure relevance counts for as long as it waited', () => {
  const exploring = result('w = 0.3', { medianWait: 0.5, expectedClicks: 120, promised: 1 });
  const lines = printed([result('w = 0', {}), exploring, result('epsilon', { expectedClicks: 80 })]);
  expect(lines.map(({ value }) => value)).toEqual([40, 1.2, 1.5, 1]);
  expect(lines[0]).toMatchObject({ unit: 'times as soon, at least (SIMULATED)', ratio: 8 });
  expect(printed([result('w = 0', { medianWait: 3 }), exploring])[0]).toMatchObject({ value: 6 });
});

test('without the exploring policy there is nothing to say', () => {
  expect(printed([result('w = 0', {})])).toEqual([]);
});
