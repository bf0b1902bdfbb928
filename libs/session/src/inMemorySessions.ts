import type { DatasetGroupName } from '@attune/domain';
import { LRUCache } from 'lru-cache';
import { OneByOne } from './oneByOne';
import type { HistoryOwner, SessionStore, UserEvents } from './sessionStore';
import { DEFAULT_HISTORY_LIMITS, type HistoryEvent, type HistoryLimits, type UserHistory } from './userHistory';
import { UserState } from './userState';

export interface InMemorySessionsOptions {
  /**
   * The most users held; beyond it, the one who was asked for and active longest ago goes. A user with 200 events of 100
   * bytes takes some 50 kB, at the limit of 2000 items 200 kB.
   * @default 10,000
   */
  maxUsers?: number;
}

/** User state in this process: gone when it ends, and taken from the archive again. */
export function inMemorySessions(
  limits: HistoryLimits = DEFAULT_HISTORY_LIMITS,
  { maxUsers = 10_000 }: InMemorySessionsOptions = {},
): SessionStore {
  return new InMemorySessions(limits, maxUsers);
}

class InMemorySessions implements SessionStore {
  readonly volatile = true;
  private readonly users: LRUCache<string, UserState>;
  private readonly oneByOne = new OneByOne();
  private clearings = 0;
  private revisions = 0;

  constructor(
    private readonly limits: HistoryLimits,
    maxUsers: number,
  ) {
    this.users = new LRUCache({ max: maxUsers });
  }

  async get(owner: HistoryOwner): Promise<UserHistory | undefined> {
    return this.users.get(keyOf(owner))?.history(() => String(++this.revisions));
  }

  async apply(
    users: readonly UserEvents[],
    fromArchive: (owner: HistoryOwner) => Promise<readonly HistoryEvent[]>,
  ): Promise<HistoryEvent[]> {
    const counted = await Promise.all(
      users.map(({ owner, events }) => {
        const key = keyOf(owner);
        return this.oneByOne.run(key, async () => {
          const state = this.users.get(key) ?? (await this.restore(key, () => fromArchive(owner)));
          return events.filter((event) => state.add(event));
        });
      }),
    );
    return counted.flat();
  }

  async clear(datasetGroup: DatasetGroupName): Promise<void> {
    this.clearings++;
    for (const key of this.users.keys()) if (key.startsWith(keyOf({ datasetGroup }))) this.users.delete(key);
  }

  async close(): Promise<void> {
    this.users.clear();
  }

  /** What the archive held before a clearing may be old: then it is asked again. */
  private async restore(key: string, fromArchive: () => Promise<readonly HistoryEvent[]>): Promise<UserState> {
    for (;;) {
      const { clearings } = this;
      const archived = await fromArchive();
      if (clearings !== this.clearings) continue;
      const state = new UserState(this.limits, archived);
      this.users.set(key, state);
      return state;
    }
  }
}

function keyOf({ datasetGroup, historyKey = '' }: { datasetGroup: string; historyKey?: string }): string {
  return `${datasetGroup}\0${historyKey}`;
}
