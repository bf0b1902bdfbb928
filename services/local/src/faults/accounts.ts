import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type DeadLetter, topics } from '@attune/bus';
import { type Database, itemCounts, readHistory } from '@attune/database';
import { type DatasetGroupName, type UserId, userId } from '@attune/domain';
import {
  DEFAULT_HISTORY_LIMITS,
  type ItemStatistics,
  inMemorySessions,
  POPULARITY_HALF_LIFE_MS,
  POPULARITY_LANDMARK_MS,
  type SessionStore,
  type UserHistory,
} from '@attune/session';
import { PROBE } from './clients';
import type { Sent } from './load';

/** A consumer that was killed is missed after 10 s, and one that was paused for longer must join anew. */
const SETTLE_MS = 60_000;

/** For a reading of all dead letters, which are some hundreds. */
const READ_MS = 10_000;

export interface Accounts {
  bus: Bus;
  database: Database;
  sessions: SessionStore;
  statistics: ItemStatistics;
  datasetGroup: DatasetGroupName;
}

/**
 * Waits until what was sent is accounted for, and fails where it is not after a minute: every acknowledged event archived
 * once, every wrong message a dead letter, user state and item statistics as a recomputation from the archive has them.
 */
export async function expectAccounted(accounts: Accounts, sent: Sent): Promise<void> {
  await eventually(async () => {
    const archived = await archivedIds(accounts);
    const once = new Set(archived);
    expect({
      lost: [...sent.acknowledged].filter((id) => !once.has(id)),
      copies: archived.length - once.size,
      neverSent: [...once].filter((id) => !sent.acknowledged.has(id) && !sent.unknown.has(id)),
    }).toEqual({ lost: [], copies: 0, neverSent: [] });
  });
  await eventually(async () => {
    const keys = (await deadLetters(accounts)).map(({ key }) => key).filter((key) => !sent.unknown.has(key));
    // Each once: a producer or a consumer that was cut off repeats its message.
    expect([...new Set(keys)].sort()).toEqual([...sent.wrong].sort());
  });
  await eventually(async () => expect(await keptHistories(accounts)).toEqual(await archivedHistories(accounts)));
  await eventually(async () => expect(await keptCounts(accounts)).toEqual(await archivedCounts(accounts)));
}

/** The ids of archived events, each as often as it is there. */
async function archivedIds({ database, datasetGroup }: Accounts): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    'select event_id as id from interaction where dataset_group = $1 and event_id is not null and event_id <> $2',
    [datasetGroup, PROBE],
  );
  return rows.map(({ id }) => id);
}

/** All that were ever written. */
export async function deadLetters({ bus }: Pick<Accounts, 'bus'>): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const ends = await bus.ends(topics.deadLetters);
  const expected = [...ends.values()].reduce((sum, end) => sum + end, 0);
  const subscription = await bus.follow(topics.deadLetters, {
    from: 'beginning',
    onBatch: async ({ messages }) => void letters.push(...messages.map(({ value }) => value)),
  });
  try {
    await eventually(async () => expect(letters.length).toBeGreaterThanOrEqual(expected), READ_MS);
  } finally {
    await subscription.stop();
  }
  return letters;
}

/** By user; undefined where nothing is known of one. */
type Histories = Record<string, { events: string[]; items: readonly string[] } | undefined>;

/** All who sent events that were acknowledged. */
async function users({ database, datasetGroup }: Accounts): Promise<UserId[]> {
  const rows = await database.query<{ user: string }>(
    `select distinct history_key as user from interaction
     where dataset_group = $1 and event_id is not null and history_key <> $2`,
    [datasetGroup, PROBE],
  );
  return rows.map(({ user }) => userId(user)).sort();
}

/** What the store holds of each user. */
async function keptHistories(accounts: Accounts): Promise<Histories> {
  const { sessions, datasetGroup } = accounts;
  const histories: Histories = {};
  for (const historyKey of await users(accounts)) {
    histories[historyKey] = shown(await sessions.get({ datasetGroup, historyKey }));
  }
  return histories;
}

/** The same from the archive alone. */
async function archivedHistories(accounts: Accounts): Promise<Histories> {
  const { database, datasetGroup } = accounts;
  const recomputed = inMemorySessions();
  const histories: Histories = {};
  for (const historyKey of await users(accounts)) {
    const owner = { datasetGroup, historyKey };
    const archived = await readHistory(database, datasetGroup, historyKey, DEFAULT_HISTORY_LIMITS.items);
    await recomputed.apply([{ owner, events: [] }], async () => archived);
    histories[historyKey] = shown(await recomputed.get(owner));
  }
  return histories;
}

function shown(history: UserHistory | undefined): Histories[string] {
  return history && { events: history.events.map(({ eventId }) => `${eventId}`), items: history.items };
}

type Counts = Record<string, { interactions: number; popularity: string }>;

async function keptCounts({ statistics, datasetGroup }: Accounts): Promise<Counts> {
  return toCounts(await statistics.popular(datasetGroup, 10_000));
}

async function archivedCounts({ database, datasetGroup }: Accounts): Promise<Counts> {
  const weight = { landmark: POPULARITY_LANDMARK_MS, halfLife: POPULARITY_HALF_LIFE_MS };
  return toCounts(await itemCounts(database, datasetGroup, weight));
}

function toCounts(counts: readonly { itemId: string; interactions: number; popularity: number }[]): Counts {
  // Sums of the same weights in another order differ in their last digits.
  return Object.fromEntries(
    counts.map(({ itemId, interactions, popularity }) => [
      itemId,
      { interactions, popularity: popularity.toPrecision(9) },
    ]),
  );
}

/** Repeats a check until it holds, for a minute where no other time is given. */
export async function eventually(check: () => Promise<void>, milliseconds = SETTLE_MS): Promise<void> {
  for (const deadline = Date.now() + milliseconds; ; await pause(100)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
