import { setTimeout as pause } from 'node:timers/promises';
import type { Round } from './keepBusy';

/**
 * Makes calls at a steady rate, however long the answers take, for the time given, and waits for the last of them.
 * @param rate calls in a second
 * @param call makes the call with this number, counted from 0
 */
export async function keepRate(
  rate: number,
  milliseconds: number,
  call: (index: number) => Promise<unknown>,
): Promise<Round> {
  const latencies: number[] = [];
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (let index = 0; index < (rate * milliseconds) / 1000; index++) {
    await pause(Math.max(0, start + (index / rate) * 1000 - performance.now()));
    const sent = performance.now();
    calls.push(call(index).then(() => void latencies.push(performance.now() - sent)));
  }
  await Promise.all(calls);
  return { seconds: (performance.now() - start) / 1000, latencies };
}
