/** What calls made within a span of time took. */
export interface Round {
  seconds: number;
  /** In milliseconds, one for each answer. */
  latencies: number[];
}

/**
 * Keeps so many calls under way at a time, for the time given, and waits for the last answers.
 * @param call makes the call with this number, counted from 0
 */
export async function keepBusy(
  concurrency: number,
  milliseconds: number,
  call: (index: number) => Promise<unknown>,
): Promise<Round> {
  const latencies: number[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      const sent = performance.now();
      await call(next++);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { seconds: (performance.now() - start) / 1000, latencies };
}
