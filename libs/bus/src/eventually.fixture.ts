import { setTimeout } from 'node:timers/promises';

/** Waits until the expectation holds; after 20 s, fails as it does. */
export async function eventually(expectation: () => void | Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await setTimeout(5)) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
