import type { MeanEstimate, SlotReport } from '@attune/proto';
import { escapeHtml, figure, percent, round } from './htmlElements';

/** A row of the chart that sets estimates beside what the log earned. */
export interface ForestRow {
  name: string;
  /** Absent where it was refused. */
  estimate?: MeanEstimate;
  /** What is said in the place of an estimate. */
  refusal?: string;
  /** How the estimate came about, for the tip. */
  tip: string;
}

const WIDTH = 760;
const ROW = 34;
const LABELS = 230;
const RIGHT = 24;

/** Rows of estimates with their intervals, and the logged value with its own as a band behind them. */
export function forestChart(rows: readonly ForestRow[], logged: MeanEstimate): string {
  const estimates = rows.flatMap(({ estimate }) => estimate ?? []);
  const scale = niceScale(
    Math.min(logged.lower, ...estimates.map(({ lower }) => lower)),
    Math.max(logged.upper, ...estimates.map(({ upper }) => upper)),
  );
  const x = (value: number) => LABELS + ((value - scale.from) / (scale.to - scale.from)) * (WIDTH - LABELS - RIGHT);
  const bottom = 16 + rows.length * ROW;
  const grid = scale.ticks.map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="8" y2="${bottom}"/>` +
      `<text class="tick" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${round(tick)}</text>`,
  );
  const band =
    `<rect class="band" x="${x(logged.lower)}" y="8" width="${x(logged.upper) - x(logged.lower)}" height="${bottom - 8}">` +
    `<title>As served: ${figure(logged.value)}, 95% ${figure(logged.lower)} to ${figure(logged.upper)}</title></rect>` +
    `<line class="reference" x1="${x(logged.value)}" x2="${x(logged.value)}" y1="8" y2="${bottom}"/>`;
  const marks = rows.map((row, index) => forestRow(row, 16 + (index + 0.5) * ROW, x));
  const height = bottom + 46;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Clicks per list by policy, with 95% intervals">` +
    `${grid.join('')}${band}${marks.join('')}` +
    `<text class="axis" x="${(LABELS + WIDTH - RIGHT) / 2}" y="${height - 6}" text-anchor="middle">clicks per list</text></svg>`
  );
}

function forestRow({ name, estimate, refusal, tip }: ForestRow, y: number, x: (value: number) => number): string {
  const label = `<text class="label" x="${LABELS - 14}" y="${y + 4}" text-anchor="end">${escapeHtml(shortened(name))}<title>${escapeHtml(name)}</title></text>`;
  if (estimate === undefined) {
    return `${label}<text class="refused" x="${LABELS + 8}" y="${y + 4}">refused; the reason is below<title>${escapeHtml(refusal ?? '')}</title></text>`;
  }
  const { value, lower, upper } = estimate;
  return (
    `${label}<g class="estimate"><title>${escapeHtml(tip)}</title>` +
    `<line x1="${x(lower)}" x2="${x(upper)}" y1="${y}" y2="${y}"/>` +
    `<line x1="${x(lower)}" x2="${x(lower)}" y1="${y - 5}" y2="${y + 5}"/>` +
    `<line x1="${x(upper)}" x2="${x(upper)}" y1="${y - 5}" y2="${y + 5}"/>` +
    `<circle cx="${x(value)}" cy="${y}" r="5.5"/></g>`
  );
}

/** Names of versions are long, and their ends tell them apart. */
function shortened(name: string): string {
  return name.length > 30 ? `…${name.slice(-29)}` : name;
}

const SLOT_HEIGHT = 260;
const LEFT = 56;
const SERIES = [
  { of: ({ clickRate }: SlotReport) => clickRate, className: 'all', name: 'all' },
  { of: ({ relevantClickRate }: SlotReport) => relevantClickRate, className: 'relevant', name: 'by relevance' },
  { of: ({ exploredClickRate }: SlotReport) => exploredClickRate, className: 'explored', name: 'explored' },
] as const;

/** Click rates by slot with their intervals: of all items, of those by relevance and of explored ones. */
export function slotChart(slots: readonly SlotReport[]): string {
  const estimates = slots.flatMap((slot) => SERIES.flatMap(({ of }) => of(slot) ?? []));
  const scale = niceScale(0, Math.max(...estimates.map(({ upper }) => upper)));
  const bottom = SLOT_HEIGHT - 44;
  const y = (value: number) => bottom - ((Math.max(value, 0) - scale.from) / (scale.to - scale.from)) * (bottom - 12);
  const step = (WIDTH - LEFT - RIGHT) / slots.length;
  const grid = scale.ticks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${round(100 * tick)}%</text>`,
  );
  const every = Math.ceil(slots.length / 25);
  const marks = slots.map((slot, place) => {
    const middle = LEFT + (place + 0.5) * step;
    const label =
      place % every === 0
        ? `<text class="tick" x="${middle}" y="${bottom + 18}" text-anchor="middle">${place + 1}</text>`
        : '';
    const spread = Math.min(10, step / 4);
    return (
      label +
      SERIES.map(({ of, className, name }, series) => {
        const estimate = of(slot);
        if (estimate === undefined) return '';
        const x = middle + (series - 1) * spread;
        const tip = `Slot ${place + 1}, ${name}: ${percent(estimate.value)}, 95% ${percent(Math.max(estimate.lower, 0))} to ${percent(estimate.upper)}`;
        return (
          `<g class="series ${className}"><title>${tip}</title>` +
          `<line x1="${x}" x2="${x}" y1="${y(estimate.lower)}" y2="${y(estimate.upper)}"/>` +
          `<circle cx="${x}" cy="${y(estimate.value)}" r="4"/></g>`
        );
      }).join('')
    );
  });
  const legend = SERIES.map(({ className, name }) => `<span class="key ${className}">${name}</span>`).join('');
  return (
    `<div class="legend">${legend}</div>` +
    `<svg viewBox="0 0 ${WIDTH} ${SLOT_HEIGHT}" role="img" aria-label="Click rate by slot, with 95% intervals">` +
    `${grid.join('')}${marks.join('')}` +
    `<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${SLOT_HEIGHT - 6}" text-anchor="middle">slot</text></svg>`
  );
}

/** Round steps that take in both ends. */
function niceScale(least: number, most: number): { from: number; to: number; ticks: number[] } {
  const span = Math.max(most - least, Math.abs(most) * 0.1, 1e-6);
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((multiple) => multiple * power).find((each) => each >= rough)!;
  const from = Math.floor(least / step) * step;
  const to = Math.ceil(most / step) * step;
  const count = Math.round((to - from) / step);
  return { from, to, ticks: Array.from({ length: count + 1 }, (_, index) => from + index * step) };
}
