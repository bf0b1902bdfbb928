import { randomUUID } from 'node:crypto';
import type { DatasetGroupName } from '@attune/domain';
import { OneByOne } from './oneByOne';
import type { RedisConnection } from './redisConnection';
import { RedisScript } from './redisScript';
import type { HistoryOwner, SessionStore } from './sessionStore';
import { DEFAULT_HISTORY_LIMITS, type HistoryEvent, type HistoryLimits, type UserHistory } from './userHistory';
import { UserState, type UserStateContent } from './userState';
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
 * The longest log. A longer one makes a read dearer (0.2 ms at the limit), a shorter one makes merging more frequent.
 */
const MAX_LOGGED = 64;

const WEEK_IN_SECONDS = 7 * 24 * 3600;

class RedisSessions implements SessionStore {
  readonly volatile = false;
  private readonly redis: RedisConnection;
  private readonly prefix: string;
  private readonly limits: HistoryLimits;
  private readonly ttlSeconds: number;
  private readonly applyEvents = new RedisScript('applyEvents.lua');
  private readonly compactUser = new RedisScript('compactUser.lua');
  private readonly oneByOne = new OneByOne();
  private clearings = 0;

  constructor({ redis, prefix = 'attune:', limits, ttlSeconds }: RedisSessionsOptions) {
    this.redis = redis;
    this.prefix = prefix;
    this.limits = limits ?? DEFAULT_HISTORY_LIMITS;
    this.ttlSeconds = ttlSeconds ?? WEEK_IN_SECONDS;
  }

  async get(owner: HistoryOwner): Promise<UserHistory | undefined> {
    const kept = await this.read(this.keyOf(owner));
    return kept && this.merge(kept).history(() => `${kept.origin}-${kept.applied}`);
  }

  async apply(
    owner: HistoryOwner,
    events: readonly HistoryEvent[],
    fromArchive: () => Promise<readonly HistoryEvent[]>,
  ): Promise<readonly HistoryEvent[]> {
    const key = this.keyOf(owner);
    return this.oneByOne.run(key, async () => {
      const [logged, ...counted] =
        (await this.tryToApply(key, events)) ?? (await this.restoreAndApply(key, events, fromArchive));
      if (logged! > MAX_LOGGED) await this.compact(key);
      return events.filter((_, index) => counted[index] === 1);
    });
  }

  async clear(datasetGroup: DatasetGroupName): Promise<void> {
    this.clearings++;
    await this.redis.deleteMatching(`${escapeGlob(this.groupKey(datasetGroup))}*`);
  }

  async close(): Promise<void> {}

  /** @returns how many events the log holds then, and which of these count; undefined where there is no state */
  private async tryToApply(
    key: string,
    events: readonly HistoryEvent[],
    archived?: UserStateContent,
  ): Promise<number[] | undefined> {
    const state = archived ? [randomUUID(), encodeEvents(archived.events), encodeItems(archived.items)] : ['', '', ''];
    const reply = await this.redis.runScript(
      this.applyEvents,
      [key],
      [
        this.ttlSeconds,
        ...state,
        ...events.flatMap((event) => [
          JSON.stringify(event.eventId ?? null),
          JSON.stringify(event.offset ?? null),
          encodeEvents([event]),
        ]),
      ],
    );
    return (reply as number[] | null) ?? undefined;
  }

  /**
   * The archived state is kept only where there is still none, so it can't take the place of a newer one. What the archive
   * held before a clearing may be old: then it is asked again.
   */
  private async restoreAndApply(
    key: string,
    events: readonly HistoryEvent[],
    fromArchive: () => Promise<readonly HistoryEvent[]>,
  ): Promise<number[]> {
    for (;;) {
      const { clearings } = this;
      const archived = await fromArchive();
      if (clearings !== this.clearings) continue;
      return (await this.tryToApply(key, events, new UserState(this.limits, archived).content))!;
    }
  }

  private async compact(key: string): Promise<void> {
    const kept = await this.read(key);
    if (!kept) return;
    const { events, items } = this.merge(kept).content;
    await this.redis.runScript(
      this.compactUser,
      [key],
      [kept.origin, kept.applied, encodeEvents(events), encodeItems(items)],
    );
  }

  private async read(key: string): Promise<KeptUser | undefined> {
    const [origin, applied, events, items, log] = await this.redis.run((client) =>
      client.hmget(key, 'origin', 'applied', 'events', 'items', 'log'),
    );
    if (!origin || !applied || events == null || items == null) return undefined;
    return { origin, applied, events, items, log: log ?? '' };
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

/** A user as the hash has it. */
interface KeptUser {
  /** Names the state since it came from the archive. */
  origin: string;
  /** How many events were added since then. */
  applied: string;
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
