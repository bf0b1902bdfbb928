/** How much a set of generations holds. */
export interface GenerationLimits {
  /** How long a generation is filled, and so how long an entry is remembered at least, in milliseconds. */
  lifetimeMs: number;
  /** The most entries of one generation. Where there are more, the oldest are forgotten before their time. */
  max: number;
}

/** A set whose entries are forgotten after one to two lifetimes: one generation is filled, and the one before it is kept. */
export class Generations {
  private current = new Set<string>();
  private before = new Set<string>();
  private since = Number.NEGATIVE_INFINITY;

  constructor(private readonly limits: GenerationLimits) {}

  has(entry: string, now: number): boolean {
    this.rotate(now);
    return this.current.has(entry) || this.before.has(entry);
  }

  add(entry: string, now: number): void {
    this.rotate(now);
    this.current.add(entry);
  }

  private rotate(now: number): void {
    const { lifetimeMs, max } = this.limits;
    const age = now - this.since;
    if (age < lifetimeMs && this.current.size < max) return;
    this.before = age < 2 * lifetimeMs ? this.current : new Set();
    this.current = new Set();
    this.since = now;
  }
}
