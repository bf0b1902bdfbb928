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

/**
 * How old a history from the archive may get. Any event since then brings the user into the session store, and many
 * others must be active before the store lets go of the user. A reading takes PGlite some 4 ms of the event loop.
 */
const ARCHIVED_TTL_MS = 5 * 60_000;

/** 200 events of about 100 bytes for each of 10,000 users make 200 MB at the very most, and a tenth of it in practice. */
const MAX_ARCHIVED = 10_000;

export interface UserHistoryParts {
  sessions: Pick<SessionStore, 'get'>;
  database: Queryable;
  metrics: Pick<InferenceMetrics, 'historyReads'>;
  /** Milliseconds since any origin. */
  now: () => number;
}

/** Reads what the next request may know of a user: from the session store, or from the archive where it is not there. */
export class UserHistoryReader {
  private readonly archived: LRUCache<string, Promise<UserHistory>>;
  private archiveReads = 0;

  constructor(private readonly parts: UserHistoryParts) {
    this.archived = new LRUCache({
      max: MAX_ARCHIVED,
      ttl: ARCHIVED_TTL_MS,
      ttlResolution: 0,
      perf: { now: parts.now },
    });
  }

  /** The user's history; empty for a user nobody has seen. */
  async read(owner: HistoryOwner): Promise<UserHistory> {
    const { sessions, metrics } = this.parts;
    const name = `${owner.datasetGroup}\n${owner.historyKey}`;
    const live = await sessions.get(owner);
    if (live) {
      this.archived.delete(name);
      metrics.historyReads.inc({ source: 'session' });
      return live;
    }
    const known = this.archived.get(name);
    if (known) {
      metrics.historyReads.inc({ source: 'cache' });
      return known;
    }
    metrics.historyReads.inc({ source: 'archive' });
    const reading = this.readArchive(owner);
    this.archived.set(name, reading);
    reading.catch(() => this.archived.delete(name));
    return reading;
  }

  /** Forgets what came from the archive, because an import changed the archive. */
  clear(datasetGroup: DatasetGroupName): void {
    const prefix = `${datasetGroup}\n`;
    for (const name of this.archived.keys()) if (name.startsWith(prefix)) this.archived.delete(name);
  }

  private async readArchive({ datasetGroup, historyKey }: HistoryOwner): Promise<UserHistory> {
    const events = await readHistory(this.parts.database, datasetGroup, historyKey, DEFAULT_HISTORY_LIMITS.items);
    this.archiveReads += 1;
    return { ...latest(events, DEFAULT_HISTORY_LIMITS), revision: `archive-${this.archiveReads}` };
  }
}

function latest(events: readonly HistoryEvent[], limits: HistoryLimits): Pick<UserHistory, 'events' | 'items'> {
  const items = new Set(events.toReversed().flatMap(({ itemId }) => itemId ?? []));
  return { events: events.slice(-limits.events), items: [...items].slice(0, limits.items) };
}
