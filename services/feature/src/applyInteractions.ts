import type { Message } from '@attune/bus';
import type { Queryable } from '@attune/database';
import { readHistory } from '@attune/database';
import type { DatasetGroupName, Interaction } from '@attune/domain';
import { historyKey } from '@attune/domain';
import type {
  ArchivedItemStatistics,
  HistoryEvent,
  HistoryOwner,
  ItemStatistics,
  ListStore,
  SessionStore,
  UserEvents,
} from '@attune/session';
import { DEFAULT_HISTORY_LIMITS } from '@attune/session';
import { observationsOf } from './observations';

/** How state comes back that its store has lost. */
export interface Recovery {
  /** How often statistics were taken from the archive. */
  restorations: number;
  /** Resolves when the archive holds all that was ever applied. */
  archiveCatchUp(): Promise<void>;
  /** The archive's statistics, at the moment of the answer. */
  archivedStatistics(datasetGroup: DatasetGroupName): Promise<ArchivedItemStatistics>;
}

export interface UserState {
  sessions: SessionStore;
  statistics: ItemStatistics;
  lists: ListStore;
  /** Holds the archived histories. */
  database: Queryable;
  /** Absent where state is lost only with this process, which then starts from the archive. */
  recovery?: Recovery;
}

/** What a batch has for one dataset group. */
interface Received {
  messages: Message<Interaction>[];
  users: readonly UserEvents[];
}

/**
 * Brings user state and item statistics up to date with one batch of a partition. Safe to repeat: histories and lists tell
 * repeated events by id or place, statistics by offset.
 *
 * A store that was emptied is noticed by its lack of statistics, and filled again from the archive: the statistics of a
 * dataset group at once, each user at the first touch.
 */
export async function applyInteractions(
  state: UserState,
  partition: number,
  messages: readonly Message<Interaction>[],
): Promise<void> {
  for (const [datasetGroup, received] of byGroup(messages)) {
    const restorations = state.recovery?.restorations;
    const held = !state.recovery || (await state.statistics.holds(datasetGroup));
    if (!held) await state.recovery!.archiveCatchUp();
    const counted = await applyToHistories(state, received);
    const observations = await observationsOf(state.lists, partition, counted);
    await state.statistics.add(
      datasetGroup,
      partition,
      observations,
      state.recovery && (() => restoreStatistics(state.recovery!, datasetGroup, held)),
    );
    // It may have been another batch under way that noticed.
    const emptied = held && state.recovery?.restorations !== restorations;
    if (emptied) await completeFromArchive(state, received.users);
  }
}

/** @param held whether the store had the statistics before the batch: then the archive may lie behind */
async function restoreStatistics(
  recovery: Recovery,
  datasetGroup: DatasetGroupName,
  held: boolean,
): Promise<ArchivedItemStatistics> {
  if (held) await recovery.archiveCatchUp();
  recovery.restorations++;
  return recovery.archivedStatistics(datasetGroup);
}

/** @returns the events that count, in order of their offsets */
async function applyToHistories(
  { sessions, database }: UserState,
  { messages, users }: Received,
): Promise<Message<Interaction>[]> {
  const counted = await sessions.apply(users, (owner) => readArchived(database, owner));
  if (counted.length === messages.length) return messages;
  const countedOffsets = new Set(counted.map(({ offset }) => offset));
  return messages.filter(({ offset }) => countedOffsets.has(offset));
}

/**
 * The store was emptied in the middle of a batch, so a user may have come back from an archive that lay behind. What is
 * there already changes nothing; imported interactions, which have no id, were in the archive before.
 */
async function completeFromArchive({ sessions, database }: UserState, users: readonly UserEvents[]): Promise<void> {
  const archived = new Map<HistoryOwner, readonly HistoryEvent[]>();
  await Promise.all(users.map(async ({ owner }) => archived.set(owner, await readArchived(database, owner))));
  const streamed = [...archived].map(([owner, events]) => ({
    owner,
    events: events.filter(({ eventId }) => eventId !== undefined),
  }));
  await sessions.apply(streamed, async (owner) => archived.get(owner)!);
}

function readArchived(database: Queryable, { datasetGroup, historyKey }: HistoryOwner): Promise<HistoryEvent[]> {
  return readHistory(database, datasetGroup, historyKey, DEFAULT_HISTORY_LIMITS.items);
}

function byGroup(messages: readonly Message<Interaction>[]): Map<DatasetGroupName, Received> {
  const groups = new Map<DatasetGroupName, Message<Interaction>[]>();
  for (const message of messages) {
    const { datasetGroup } = message.value;
    const group = groups.get(datasetGroup);
    if (group) group.push(message);
    else groups.set(datasetGroup, [message]);
  }
  return new Map(
    [...groups].map(([group, received]) => [group, { messages: received, users: byUser(group, received) }]),
  );
}

function byUser(datasetGroup: DatasetGroupName, messages: readonly Message<Interaction>[]): UserEvents[] {
  const users = new Map<string, UserEvents & { events: HistoryEvent[] }>();
  for (const { value, offset } of messages) {
    const key = historyKey(value);
    let user = users.get(key);
    if (!user) {
      user = { owner: { datasetGroup, historyKey: key }, events: [] };
      users.set(key, user);
    }
    user.events.push(toHistoryEvent(value, offset));
  }
  return [...users.values()];
}

function toHistoryEvent(interaction: Interaction, offset: number): HistoryEvent {
  const { eventId, eventType, eventValue, itemId, timestamp, recommendationId, properties } = interaction;
  const event: HistoryEvent = { eventId, eventType, timestamp, offset };
  if (eventValue !== undefined) event.eventValue = eventValue;
  if (itemId !== undefined) event.itemId = itemId;
  if (recommendationId !== undefined) event.recommendationId = recommendationId;
  if (properties !== undefined) event.properties = properties;
  return event;
}
