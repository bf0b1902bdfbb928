import { UnavailableError } from '@attune/domain';
import type { Logger } from '@attune/service';
import type { InferenceMetrics } from './inferenceMetrics';

/** What a list is made from, and can be made without. */
export type Store = 'sessions' | 'statistics' | 'archive';

/** A store that is away is left alone for so long, so that requests do not each wait for its time-out. */
const PAUSE_MS = 200;

/** A store that has not answered by then counts as away: a list without it is better than a late one. */
const TIMEOUT_MS = 500;

export interface StoreWatchParts {
  metrics: Pick<InferenceMetrics, 'storeAway'>;
  logger: Logger;
  /** Milliseconds since any origin. */
  now: () => number;
}

/** Reads from stores that may be away, and says in the log when each goes and comes back. */
export class StoreWatch {
  /** The stores that are away, and when to ask them again. */
  private readonly away = new Map<Store, number>();

  constructor(private readonly parts: StoreWatchParts) {}

  /**
   * @returns what was read; undefined where the store is away
   * @throws whatever else goes wrong than that the store can't be reached
   */
  async read<Result>(store: Store, work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    const { now, logger, metrics } = this.parts;
    if (now() < (this.away.get(store) ?? 0)) return undefined;
    try {
      const result = await inTime(store, work());
      if (this.away.delete(store)) {
        metrics.storeAway.set({ store }, 0);
        logger.info({ store }, 'a store is back');
      }
      return { result };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      if (!this.away.has(store)) logger.error({ err: error, store }, 'a store is away: lists are degraded');
      this.away.set(store, now() + PAUSE_MS);
      metrics.storeAway.set({ store }, 1);
      return undefined;
    }
  }
}

async function inTime<Result>(store: Store, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The store of ${store} did not answer within ${TIMEOUT_MS} ms.`;
    timer = setTimeout(() => reject(new UnavailableError(message)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
