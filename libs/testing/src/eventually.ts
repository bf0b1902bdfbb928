import { setTimeout as pause } from 'node:timers/promises';

/** Longer than anything that is waited for takes on a busy machine. */
const GIVE_UP_MS = 10_000;

/** Repeats an expectation until it holds, and throws what it throws when it never does. */
export async function eventually<Result>(expectation: () => Promise<Result> | Result): Promise<Result> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(5);
    }
  }
}
