import { LRUCache } from 'lru-cache';
import type { HistoryState } from './mergeHistory';
import { historyFromArchive, insertEvent, toUserHistory } from './mergeHistory';
import type { HistoryOwner, SessionStore } from './sessionStore';
import type { HistoryEvent, HistoryLimits, UserHistory } from './userHistory';
import { DEFAULT_HISTORY_LIMITS } from './userHistory';

export interface InMemorySessionsOptions {
  limits?: HistoryLimits;
  /**
   * How many users are held; the one that was idle longest makes room.
   * @default 10_000, at most some 600 MB with full histories
   */
  maxUsers?: number;
}

interface Entry {
  state: HistoryState;
  history: UserHistory;
}

/** User state in this process's memory, for the embedded server and for tests. */
export function inMemorySessions({
  limits = DEFAULT_HISTORY_LIMITS,
  maxUsers = 10_000,
}: InMemorySessionsOptions = {}): SessionStore {
  const users = new LRUCache<string, Entry>({ max: maxUsers });
  /** The apply that is under way for a user: the next one for the same user waits for it. */
  const underWay = new Map<string, Promise<unknown>>();
  let revisions = 0;

  const applyNow = async (
    name: string,
    events: readonly HistoryEvent[],
    fromArchive: () => Promise<readonly HistoryEvent[]>,
  ): Promise<readonly HistoryEvent[]> => {
    let state = users.get(name)?.state ?? historyFromArchive(await fromArchive(), limits);
    const counted: HistoryEvent[] = [];
    for (const event of events) {
      const known = state.events.find(({ eventId }) => eventId !== undefined && eventId === event.eventId);
      if (known === undefined) state = insertEvent(state, event, limits);
      if (known === undefined || known.offset === event.offset) counted.push(event);
    }
    users.set(name, { state, history: toUserHistory(state, String(++revisions)) });
    return counted;
  };

  return {
    volatile: true,
    get: async (owner) => users.get(nameOf(owner))?.history,
    apply: (owner, events, fromArchive) => {
      const name = nameOf(owner);
      const before = underWay.get(name) ?? Promise.resolve();
      const result = before.then(() => applyNow(name, events, fromArchive));
      // Only the order matters to the next one, not how this one ended: the caller is told that.
      const ended = result.then(
        () => {},
        () => {},
      );
      underWay.set(name, ended);
      void ended.then(() => {
        if (underWay.get(name) === ended) underWay.delete(name);
      });
      return result;
    },
    clear: async (datasetGroup) => {
      for (const name of [...users.keys()]) if (name.startsWith(`${datasetGroup}\n`)) users.delete(name);
    },
    close: async () => users.clear(),
  };
}

/** Dataset group names hold no line break, so that two owners never share a name. */
function nameOf({ datasetGroup, historyKey }: HistoryOwner): string {
  return `${datasetGroup}\n${historyKey}`;
}
