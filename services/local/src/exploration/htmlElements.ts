import type { MeanEstimate } from '@attune/proto';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it, in content and attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** A table whose first column names its rows. Cells are HTML. */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = rows.map(([first, ...rest]) => {
    const cells = rest.map((cell) => `<td>${cell}</td>`).join('');
    return `<tr><th scope="row">${first}</th>${cells}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** A round number as it is written: settings and the marks of axes. */
export function round(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** An estimate: three significant digits, so that those of a column compare. */
export function figure(value: number): string {
  const digits = value === 0 ? 2 : 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(digits, 0), 6));
}

export function percent(value: number): string {
  return `${figure(100 * value)}%`;
}

export function interval({ lower, upper }: MeanEstimate): string {
  return `<span class="interval">${figure(lower)} to ${figure(upper)}</span>`;
}

export function percentInterval({ lower, upper }: MeanEstimate): string {
  return `<span class="interval">${figure(100 * lower)} to ${percent(upper)}</span>`;
}
