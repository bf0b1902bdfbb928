import { setTimeout as pause } from 'node:timers/promises';

/** Longer than anything that is waited for takes on a busy machine. */
const GIVE_UP_MS = 10_000;

/**
 * Repeats an expectation until it holds, and throws what it throws when it never does.
 * @param giveUpMs for what takes longer: a process that starts at low priority, say
 */
export async function eventually<Result>(
  expectation: () => Promise<Result> | Result,
  giveUpMs = GIVE_UP_MS,
): Promise<Result> {
  const deadline = performance.now() + giveUpMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(5);
    }
  }
}
