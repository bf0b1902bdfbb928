import type { Logger } from 'pino';

/** Something that was started and must be stopped. */
export interface Part {
  name: string;
  /** Takes no more work, finishes what is in hand, lets go. */
  stop(): Promise<void>;
}

/** The time a stop may take: what orchestrators commonly grant, with room to spare, before they kill. */
export const STOP_DEADLINE_MS = 10_000;

export interface StopOptions {
  logger: Logger;
  /** @default STOP_DEADLINE_MS */
  deadlineMs?: number;
}

/**
 * Stops parts in reverse order of their start, one after the other: what was started last depends on what came before.
 * A part that fails or is late is logged, and the ones below it are still stopped.
 * @returns whether all of them stopped cleanly within the deadline
 */
export async function stopParts(
  parts: readonly Part[],
  { logger, deadlineMs = STOP_DEADLINE_MS }: StopOptions,
): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  let clean = true;
  for (const part of parts.toReversed()) {
    try {
      await within(Math.max(0, deadline - Date.now()), part.stop());
      logger.debug({ part: part.name }, 'stopped');
    } catch (error) {
      clean = false;
      logger.error({ part: part.name, err: error }, 'could not be stopped cleanly');
    }
  }
  return clean;
}

/**
 * Stops the parts on SIGTERM or SIGINT and then exits: 0 after a clean stop, 1 otherwise. A second signal exits at once.
 * @param parts read when the signal comes, so parts may be added until then
 */
export function stopOnSignals(parts: readonly Part[], options: StopOptions): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      options.logger.warn({ signal }, 'second signal: leaving at once');
      process.exit(1);
    }
    stopping = true;
    options.logger.info({ signal }, 'stopping');
    void stopParts(parts, options).then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
