import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Bucket bounds in seconds for what should take milliseconds: 0.25 ms to 5 s, each about twice the one before, so that
 * a quantile read from the buckets is at most a factor of two off.
 */
export const LATENCY_BUCKETS = [
  0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2, 5,
];

/** A registry with the metrics of the process itself: memory, CPU, event loop lag. */
export function createMetrics(): Registry {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  return metrics;
}

/** A histogram of durations in seconds, with `LATENCY_BUCKETS`. */
export function latencyHistogram<Label extends string>(
  metrics: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Histogram<Label> {
  return new Histogram({ name, help, labelNames, buckets: LATENCY_BUCKETS, registers: [metrics] });
}

/** Seconds since a reading of `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
