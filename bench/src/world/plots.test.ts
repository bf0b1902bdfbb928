import { svgOf } from './plots';

test('a plot has its lines at their places, round ticks, and no text that breaks the file', () => {
  const svg = svgOf({
    title: 'a < b',
    xLabel: 'day',
    yLabel: 'clicks & more',
    lines: [
      { name: 'line', points: [0, 10].map((x) => ({ x, y: x * 2 })) },
      { name: 'steps', steps: true, points: [0, 10].map((x) => ({ x, y: -x })) },
    ],
  });
  // x runs from 64 to 530, y from 312 up to 40; ticks are 2 apart on x and 10 on y, from -10 to 20.
  expect(svg).toContain('d="M64.0 221.3L530.0 40.0"');
  expect(svg).toContain('d="M64.0 221.3H530.0V312.0"');
  expect([...svg.matchAll(/text-anchor="(?:end|middle)">(-?[\d.]+)</g)].map(([, tick]) => Number(tick))).toEqual([
    -10, 0, 10, 20, 0, 2, 4, 6, 8, 10,
  ]);
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('clicks &amp; more');
});
