/** One line of a plot. */
export interface PlotSeries {
  name: string;
  /** Both above 0. */
  points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly PlotSeries[];
}

const [WIDTH, HEIGHT, MARGIN] = [460, 300, 60];
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd'];

/** Plots beside one another as one SVG, both axes logarithmic: a straight line at 45 degrees is linear growth. */
export function plotsAsSvg(plots: readonly Plot[]): string {
  const parts = plots.map((plot, index) => `<g transform="translate(${index * WIDTH} 0)">\n${drawPlot(plot)}\n</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${plots.length * WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
<title>${plots.map(({ title, xLabel }) => `${title}: time and memory by ${xLabel}`).join('; ')}</title>
<rect width="100%" height="100%" fill="white"/>
${parts.join('\n')}
</svg>
`;
}

function drawPlot({ title, xLabel, yLabel, series }: Plot): string {
  const all = series.flatMap(({ points }) => points);
  const xs = decades(all.map(([x]) => x));
  const ys = decades(all.map(([, y]) => y));
  const place = (value: number, { low, high }: Decades, from: number, to: number) =>
    Math.round(10 * (from + ((Math.log10(value) - low) / (high - low)) * (to - from))) / 10;
  const x = (value: number) => place(value, xs, MARGIN, WIDTH - 20);
  const y = (value: number) => place(value, ys, HEIGHT - MARGIN, 40);
  const lines = [
    `<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="13">${title}</text>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 15}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(15 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
  ];
  for (let power = xs.low; power <= xs.high; power++) {
    const at = x(10 ** power);
    lines.push(`<path d="M${at} 40V${HEIGHT - MARGIN}" stroke="#ddd"/>`);
    lines.push(`<text x="${at}" y="${HEIGHT - MARGIN + 15}" text-anchor="middle">${label(power)}</text>`);
  }
  for (let power = ys.low; power <= ys.high; power++) {
    const at = y(10 ** power);
    lines.push(`<path d="M${MARGIN} ${at}H${WIDTH - 20}" stroke="#ddd"/>`);
    lines.push(`<text x="${MARGIN - 5}" y="${at + 4}" text-anchor="end">${label(power)}</text>`);
  }
  for (const [index, { name, points }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
    lines.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const [px, py] of points) lines.push(`<circle cx="${x(px)}" cy="${y(py)}" r="3" fill="${colour}"/>`);
    lines.push(`<text x="${MARGIN + 8}" y="${54 + 14 * index}" fill="${colour}">${name}</text>`);
  }
  return lines.join('\n');
}

/** Powers of ten. */
interface Decades {
  low: number;
  high: number;
}

function decades(values: readonly number[]): Decades {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return { low, high: Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)))) };
}

const label = (power: number): string => (power >= -2 && power <= 3 ? String(10 ** power) : `1e${power}`);
