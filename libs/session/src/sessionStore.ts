import type { DatasetGroupName, UserId } from '@attune/domain';
import type { HistoryEvent, UserHistory } from './userHistory';

/** Names one user's state. `historyKey` is the user id, or the session id of an anonymous visitor. */
export interface HistoryOwner {
  datasetGroup: DatasetGroupName;
  historyKey: UserId;
}

/** What happened to one user, in the order in which it came. */
export interface UserEvents {
  owner: HistoryOwner;
  events: readonly HistoryEvent[];
}

/**
 * User state: the latest events of every user who was active lately. Only the feature service writes it.
 *
 * A user who is not in the store is not unknown: the history is in the archive. The first event that is applied brings
 * it back from there.
 */
export interface SessionStore {
  /** Whether the state is gone when the process ends, so that the events after the archive's position must be replayed. */
  readonly volatile: boolean;
  /** The state in one round trip, or undefined where the store holds none. */
  get(owner: HistoryOwner): Promise<UserHistory | undefined>;
  /**
   * Adds events of any number of users where they belong in time. An event id that a user has already changes nothing.
   * Where it rejects, some users may have theirs: it may be repeated.
   * @param users each once
   * @param fromArchive gives the archived history of a user who is not in the store, oldest first
   * @returns the events that count: those that are new, and those that are there from this very offset, because the bus
   *   gave them again; not those that repeat the id of an event at another offset
   */
  apply(
    users: readonly UserEvents[],
    fromArchive: (owner: HistoryOwner) => Promise<readonly HistoryEvent[]>,
  ): Promise<HistoryEvent[]>;
  /** Forgets the users of a dataset group, so that their histories come back from the archive. */
  clear(datasetGroup: DatasetGroupName): Promise<void>;
  close(): Promise<void>;
}
