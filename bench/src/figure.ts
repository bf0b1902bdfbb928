/** One measured figure, beside a peer's or a limit's where there is one. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it is held against, for example `bare grpc-js server`. */
  peer?: string;
  peerValue?: number;
  /** Further members of the line. */
  details?: Readonly<Record<string, unknown>>;
}

/** Prints a figure as one line of JSON; `ratio` is ours over the peer's. */
export function printFigure({ name, value, unit, peer, peerValue, details }: Figure): void {
  const line = {
    name,
    value: roundFigure(value),
    unit,
    ...(peer !== undefined && { peer }),
    ...(peerValue !== undefined && { peer_value: roundFigure(peerValue), ratio: roundFigure(value / peerValue) }),
    ...details,
  };
  console.log(JSON.stringify(line));
}

/** Four significant digits: more would be noise. */
export function roundFigure(value: number): number {
  return Number(value.toPrecision(4));
}

/** The value below which a share of the samples lies (nearest rank). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
