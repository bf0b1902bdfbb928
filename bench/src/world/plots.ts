/** A line of a plot. */
export interface PlotLine {
  name: string;
  points: readonly { x: number; y: number }[];
  /** Whether the value holds until the next point, as in a survival curve. */
  steps?: boolean;
}

export interface Plot {
  title: string;
  xLabel: string;
  yLabel: string;
  lines: readonly PlotLine[];
}

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 64;
const TOP = 40;
const RIGHT = 190;
const BOTTOM = 48;

/** Of middling lightness: they can be told apart on white and on black, as can the grey of text and axes. */
const COLOURS = ['#888888', '#56b4e9', '#2f7fd6', '#8f6ad9', '#d98a2b', '#2fa37a', '#d1577a'];
const GREY = '#808080';

/** A plot as a self-contained SVG without a background, for pages light or dark. */
export function svgOf({ title, xLabel, yLabel, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const x = scaleOf(
    points.map((point) => point.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = scaleOf(
    points.map((point) => point.y),
    HEIGHT - BOTTOM,
    TOP,
  );
  const text = (at: string, content: string, rest = '') =>
    `<text ${at} fill="${GREY}" ${rest}>${escaped(content)}</text>`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    text(`x="${LEFT}" y="20"`, title, 'font-size="14"'),
    ...y.ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${y.at(tick)}H${WIDTH - RIGHT}" stroke="${GREY}" stroke-opacity="${tick === 0 ? 0.8 : 0.25}"/>`,
      text(`x="${LEFT - 8}" y="${y.at(tick) + 4}"`, String(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.map((tick) =>
      text(`x="${x.at(tick)}" y="${HEIGHT - BOTTOM + 18}"`, String(tick), 'text-anchor="middle"'),
    ),
    text(`x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}"`, xLabel, 'text-anchor="middle"'),
    text(`transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)"`, yLabel, 'text-anchor="middle"'),
    ...lines.flatMap(({ name, points: own, steps }, index) => {
      const colour = COLOURS[index % COLOURS.length]!;
      const path = own.map((point, at) => {
        const to = `${x.at(point.x).toFixed(1)} ${y.at(point.y).toFixed(1)}`;
        if (at === 0) return `M${to}`;
        return steps ? `H${x.at(point.x).toFixed(1)}V${y.at(point.y).toFixed(1)}` : `L${to}`;
      });
      const legend = TOP + 10 + index * 20;
      return [
        `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        `<path d="M${WIDTH - RIGHT + 16} ${legend}h20" stroke="${colour}" stroke-width="3"/>`,
        text(`x="${WIDTH - RIGHT + 44}" y="${legend + 4}"`, name),
      ];
    }),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** From values to places, with round ticks that include the ends of the axis. */
function scaleOf(values: readonly number[], from: number, to: number) {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const rough = (most - least || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const [low, high] = [Math.floor(least / step), Math.max(1, Math.ceil(most / step))];
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => Number(((low + index) * step).toPrecision(6)));
  return { ticks, at: (value: number) => from + ((value / step - low) / (high - low)) * (to - from) };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
