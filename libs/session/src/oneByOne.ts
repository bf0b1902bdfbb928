/** Runs work for the same key one by one, in the order of the calls; for different keys side by side. */
export class OneByOne {
  /** The last call in hand for each key. */
  private readonly inHand = new Map<string, Promise<unknown>>();

  /** Runs the work after all earlier work for the key, whether that succeeded or not. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const earlier = this.inHand.get(key) ?? Promise.resolve();
    const result = earlier.then(work, work);
    this.inHand.set(key, result);
    try {
      return await result;
    } finally {
      if (this.inHand.get(key) === result) this.inHand.delete(key);
    }
  }
}
