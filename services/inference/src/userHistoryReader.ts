import { type Queryable, readHistory } from '@attune/database';
import type { DatasetGroupName } from '@attune/domain';
import {
  DEFAULT_HISTORY_LIMITS,
  type HistoryEvent,
  type HistoryLimits,
  type HistoryOwner,
  type SessionStore,
  type UserHistory,
} from '@attune/session';
import { LRUCache } from 'lru-cache';
import type { InferenceMetrics } from './inferenceMetrics';
import type { StoreWatch } from './storeWatch';

/**
 * How old a history from the archive may get. Any event since then brings the user into the session store, and many
 * others must be active before the store lets go of the user. A reading takes PGlite some 4 ms of the event loop.
 */
const ARCHIVED_TTL_MS = 5 * 60_000;

/** The same while the session store is away, when no event brings the user there: then the archive alone knows of it. */
const DEGRADED_TTL_MS = 1_000;

/** 200 events of about 100 bytes for each of 10,000 users make 200 MB at the very most, and a tenth of it in practice. */
const MAX_ARCHIVED = 10_000;

export interface UserHistoryParts {
  sessions: Pick<SessionStore, 'get'>;
  database: Queryable;
  stores: StoreWatch;
  metrics: Pick<InferenceMetrics, 'historyReads'>;
  /** Milliseconds since any origin. */
  now: () => number;
}

/** A user's history as far as it could be had. */
export interface HistoryReading {
  history: UserHistory;
  /** Whether a store was away, so that the history may lack the latest events, or all. */
  degraded: boolean;
}

interface Archived {
  reading: Promise<UserHistory>;
  readAt: number;
}

const NOBODY: UserHistory = { events: [], items: [], revision: 'none' };

/** Reads what the next request may know of a user: from the session store, or from the archive where it is not there. */
export class UserHistoryReader {
  private readonly archived: LRUCache<string, Archived>;
  private archiveReads = 0;

  constructor(private readonly parts: UserHistoryParts) {
    this.archived = new LRUCache({
      max: MAX_ARCHIVED,
      ttl: ARCHIVED_TTL_MS,
      ttlResolution: 0,
      perf: { now: parts.now },
    });
  }

  /**
   * The user's history; empty for a user nobody has seen. Where the session store is away it comes from the archive, and
   * where that is away too, the user is treated as unknown.
   */
  async read(owner: HistoryOwner): Promise<HistoryReading> {
    const { sessions, stores, metrics } = this.parts;
    const live = await stores.read('sessions', () => sessions.get(owner));
    if (live?.result) {
      this.archived.delete(nameOf(owner));
      metrics.historyReads.inc({ source: 'session' });
      return { history: live.result, degraded: false };
    }
    const fromArchive = await stores.read('archive', () =>
      this.readArchive(owner, live ? ARCHIVED_TTL_MS : DEGRADED_TTL_MS),
    );
    if (!fromArchive) metrics.historyReads.inc({ source: 'none' });
    return { history: fromArchive?.result ?? NOBODY, degraded: !live || !fromArchive };
  }

  /** Forgets what came from the archive, because an import changed the archive. */
  clear(datasetGroup: DatasetGroupName): void {
    const prefix = `${datasetGroup}\n`;
    for (const name of this.archived.keys()) if (name.startsWith(prefix)) this.archived.delete(name);
  }

  private readArchive(owner: HistoryOwner, maxAge: number): Promise<UserHistory> {
    const { metrics, now } = this.parts;
    const name = nameOf(owner);
    const known = this.archived.get(name);
    if (known && now() - known.readAt < maxAge) {
      metrics.historyReads.inc({ source: 'cache' });
      return known.reading;
    }
    metrics.historyReads.inc({ source: 'archive' });
    const reading = this.queryArchive(owner);
    this.archived.set(name, { reading, readAt: now() });
    reading.catch(() => this.archived.delete(name));
    return reading;
  }

  private async queryArchive({ datasetGroup, historyKey }: HistoryOwner): Promise<UserHistory> {
    const events = await readHistory(this.parts.database, datasetGroup, historyKey, DEFAULT_HISTORY_LIMITS.items);
    this.archiveReads += 1;
    return { ...latest(events, DEFAULT_HISTORY_LIMITS), revision: `archive-${this.archiveReads}` };
  }
}

function nameOf({ datasetGroup, historyKey }: HistoryOwner): string {
  return `${datasetGroup}\n${historyKey}`;
}

function latest(events: readonly HistoryEvent[], limits: HistoryLimits): Pick<UserHistory, 'events' | 'items'> {
  const items = new Set(events.toReversed().flatMap(({ itemId }) => itemId ?? []));
  return { events: events.slice(-limits.events), items: [...items].slice(0, limits.items) };
}
