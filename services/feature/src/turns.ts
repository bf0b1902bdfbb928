/** Lets some work go on side by side, and other work only by itself, in the order of the calls. */
export class Turns {
  private readonly shared = new Set<Promise<unknown>>();
  private lastAlone: Promise<unknown> = Promise.resolve();

  /** Runs the work beside other such work, after what has to be alone. */
  async together<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.lastAlone.then(work);
    this.shared.add(result);
    try {
      return await result;
    } finally {
      this.shared.delete(result);
    }
  }

  /** Runs the work after all that was asked for before, whether that succeeded or not, and before all that comes later. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = Promise.allSettled([this.lastAlone, ...this.shared]).then(work);
    this.lastAlone = result.catch(() => undefined);
    return result;
  }
}
