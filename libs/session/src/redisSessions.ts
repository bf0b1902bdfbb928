import { randomUUID } from 'node:crypto';
import type { DatasetGroupName } from '@attune/domain';
import { type ApplyReply, countedBy, logBytes } from './applyReply';
import type { RedisConnection } from './redisConnection';
import { RedisScript } from './redisScript';
import type { HistoryOwner, SessionStore, UserEvents } from './sessionStore';
import { DEFAULT_HISTORY_LIMITS, type HistoryEvent, type HistoryLimits, type UserHistory } from './userHistory';
import { UserState } from './userState';
import { decodeEvents, decodeItems, encodeEvents, encodeItems } from './userStateRecords';

export interface RedisSessionsOptions {
  redis: RedisConnection;
  /** Begins every key. @default "attune:" */
  prefix?: string;
  limits?: HistoryLimits;
  /** How long after the last event a user's state is kept, in seconds. @default 604,800: a week */
  ttlSeconds?: number;
}

/**
 * User state in Redis, one hash for each user. Events are appended by a script, which lets each event id in once; time
 * order and limits are made when the state is read. When the log of events has grown it is merged into the rest, so a
 * read never has much to merge. A user with 50 events takes some 9 kB, at the limits 115 kB
 * (docs/decisions/0009-user-state-in-redis.md).
 *
 * Every method rejects with UnavailableError where Redis is away. `close` leaves the connection to its opener.
 */
export function redisSessions(options: RedisSessionsOptions): SessionStore {
  return new RedisSessions(options);
}

/**
 * The longest log in bytes, some 60 events. A longer one makes a read dearer (0.2 ms at the limit), a shorter one makes
 * merging more frequent.
 */
const MAX_LOG_BYTES = 10_000;

/** The most events of a user in one call: a log is merged before it is much longer than it may be. */
const EVENTS_A_CALL = 32;

/**
 * Users in one call, which keeps Redis from others for 0.3 ms, and for 5 ms where each of them has 200 events, and 32 new
 * ones.
 */
const USERS_A_CALL = 32;

const WEEK_IN_SECONDS = 7 * 24 * 3600;

class RedisSessions implements SessionStore {
  readonly volatile = false;
  private readonly redis: RedisConnection;
  private readonly prefix: string;
  private readonly limits: HistoryLimits;
  private readonly ttlSeconds: number;
  private readonly applyEvents = new RedisScript('applyEvents.lua');
  private readonly restoreUsers = new RedisScript('restoreUsers.lua');
  private readonly compactUser = new RedisScript('compactUser.lua');
  private clearings = 0;

  constructor({ redis, prefix = 'attune:', limits, ttlSeconds }: RedisSessionsOptions) {
    this.redis = redis;
    this.prefix = prefix;
    this.limits = limits ?? DEFAULT_HISTORY_LIMITS;
    this.ttlSeconds = ttlSeconds ?? WEEK_IN_SECONDS;
  }

  async get(owner: HistoryOwner): Promise<UserHistory | undefined> {
    const kept = await this.read(this.keyOf(owner));
    return kept && this.merge(kept).history(() => `${kept.origin}-${kept.log.length}`);
  }

  async apply(
    users: readonly UserEvents[],
    fromArchive: (owner: HistoryOwner) => Promise<readonly HistoryEvent[]>,
  ): Promise<HistoryEvent[]> {
    const counted: HistoryEvent[] = [];
    let left = users.map(({ owner, events }) => ({ key: this.keyOf(owner), owner, events }));
    while (left.length > 0) {
      const next = left.map((user) => ({ ...user, events: user.events.slice(0, EVENTS_A_CALL) }));
      counted.push(...(await this.applyOrRestore(next, fromArchive)));
      left = left
        .filter(({ events }) => events.length > EVENTS_A_CALL)
        .map((user) => ({ ...user, events: user.events.slice(EVENTS_A_CALL) }));
    }
    return counted;
  }

  async clear(datasetGroup: DatasetGroupName): Promise<void> {
    this.clearings++;
    await this.redis.deleteMatching(`${escapeGlob(this.groupKey(datasetGroup))}*`);
  }

  async close(): Promise<void> {}

  /** @returns the events that count */
  private async applyOrRestore(
    users: readonly KeyedUser[],
    fromArchive: (owner: HistoryOwner) => Promise<readonly HistoryEvent[]>,
  ): Promise<HistoryEvent[]> {
    const replies = (await this.runInCalls(this.applyEvents, users, ({ events }) => [
      encodeEvents(events),
    ])) as ApplyReply[];
    const counted = users.flatMap(({ events }, index) => countedBy(replies[index]!, events));
    const overlong = users.filter((_, index) => logBytes(replies[index]!) > MAX_LOG_BYTES);
    await Promise.all(overlong.map(({ key }) => this.compact(key)));
    const absent = users.filter((_, index) => replies[index] === null);
    if (absent.length === 0) return counted;
    await this.restore(absent, fromArchive);
    return [...counted, ...(await this.applyOrRestore(absent, fromArchive))];
  }

  /**
   * The archived state is kept only where there is still none, so it can't take the place of a newer one. What the archive
   * held before a clearing may be old: then it is asked again.
   */
  private async restore(
    users: readonly KeyedUser[],
    fromArchive: (owner: HistoryOwner) => Promise<readonly HistoryEvent[]>,
  ): Promise<void> {
    for (;;) {
      const { clearings } = this;
      const archived = await Promise.all(users.map(({ owner }) => fromArchive(owner)));
      if (clearings !== this.clearings) continue;
      const restored = users.map(({ key }, index) => ({
        key,
        ...new UserState(this.limits, archived[index]!).content,
      }));
      await this.runInCalls(this.restoreUsers, restored, ({ events, items }) => [
        randomUUID(),
        encodeEvents(events),
        encodeItems(items),
      ]);
      return;
    }
  }

  /** Runs a script on many users at once, in calls of bounded size. @returns the reply to each */
  private async runInCalls<User extends { key: string }>(
    script: RedisScript,
    users: readonly User[],
    argumentsOf: (user: User) => string[],
  ): Promise<unknown[]> {
    const replies = new Map<User, unknown>();
    await Promise.all(
      this.redis.callsOf(users, USERS_A_CALL).map(async (call) => {
        const keys = call.map(({ key }) => key);
        const reply = await this.redis.runScript(script, keys, [this.ttlSeconds, ...call.flatMap(argumentsOf)]);
        for (const [index, user] of call.entries()) replies.set(user, (reply as unknown[] | null)?.[index]);
      }),
    );
    return users.map((user) => replies.get(user));
  }

  private async compact(key: string): Promise<void> {
    const kept = await this.read(key);
    if (!kept) return;
    const { events, items } = this.merge(kept).content;
    await this.redis.runScript(
      this.compactUser,
      [key],
      [kept.origin, Buffer.byteLength(kept.log), randomUUID(), encodeEvents(events), encodeItems(items)],
    );
  }

  private async read(key: string): Promise<KeptUser | undefined> {
    const [origin, events, items, log] = await this.redis.run((client) =>
      client.hmget(key, 'origin', 'events', 'items', 'log'),
    );
    if (!origin || events == null || items == null) return undefined;
    return { origin, events, items, log: log ?? '' };
  }

  private merge({ events, items, log }: KeptUser): UserState {
    const state = UserState.restore(this.limits, { events: decodeEvents(events), items: decodeItems(items) });
    for (const event of decodeEvents(log)) state.add(event);
    return state;
  }

  /** What is between the braces decides on which node of a cluster the key lies: all keys of a user lie on one. */
  private keyOf({ datasetGroup, historyKey }: HistoryOwner): string {
    return `${this.groupKey(datasetGroup)}${escapeBraces(historyKey)}}`;
  }

  private groupKey(datasetGroup: DatasetGroupName): string {
    return `${this.prefix}user:{${escapeBraces(datasetGroup)}/`;
  }
}

/** A user whose events are to be applied. */
interface KeyedUser extends UserEvents {
  key: string;
}

/** A user as the hash has it. */
interface KeptUser {
  /** Names the state beneath the log. */
  origin: string;
  events: string;
  items: string;
  log: string;
}

function escapeBraces(text: string): string {
  return text.replace(/[%{}/]/g, encodeURIComponent);
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
