import type { Message } from '@attune/bus';
import type { Queryable } from '@attune/database';
import { readHistory } from '@attune/database';
import type { DatasetGroupName, Interaction } from '@attune/domain';
import { historyKey } from '@attune/domain';
import type {
  ArchivedItemStatistics,
  HistoryEvent,
  HistoryOwner,
  ItemObservation,
  ItemStatistics,
  SessionStore,
} from '@attune/session';
import { DEFAULT_HISTORY_LIMITS } from '@attune/session';
import { observationsOf } from './observations';

/** How state comes back that its store has lost. */
export interface Recovery {
  /** Resolves when the archive holds all that was ever applied. */
  archiveCatchUp(): Promise<void>;
  /** The archive's statistics, at the moment of the answer. */
  archivedStatistics(datasetGroup: DatasetGroupName): Promise<ArchivedItemStatistics>;
}

export interface UserState {
  sessions: SessionStore;
  statistics: ItemStatistics;
  /** Holds the archived histories. */
  database: Queryable;
  /** Absent where state is lost only with this process, which then starts from the archive. */
  recovery?: Recovery;
}

/** The messages of one user in a batch. */
interface Received {
  owner: HistoryOwner;
  messages: Message<Interaction>[];
}

/**
 * Brings user state and item statistics up to date with one batch of a partition. Safe to repeat: histories tell
 * repeated events by id and offset, statistics by offset.
 *
 * A store that was emptied is noticed by its lack of statistics, and filled again from the archive: the statistics of a
 * dataset group at once, each user at the first touch.
 */
export async function applyInteractions(
  state: UserState,
  partition: number,
  messages: readonly Message<Interaction>[],
): Promise<void> {
  for (const [datasetGroup, users] of byGroup(messages)) {
    const held = !state.recovery || (await state.statistics.holds(datasetGroup));
    if (!held) await state.recovery!.archiveCatchUp();
    // At once, so that what a batch asks of Redis leaves together; each user's own events are one call, in their order.
    // Where one fails, the batch is given again, and what the others still do is repeatable.
    const observations = (await Promise.all([...users].map((user) => applyToHistory(state, user)))).flat();
    observations.sort((a, b) => a.offset - b.offset);
    let emptied = false;
    await state.statistics.add(
      datasetGroup,
      partition,
      observations,
      state.recovery &&
        (async () => {
          emptied = held;
          if (emptied) await state.recovery!.archiveCatchUp();
          return state.recovery!.archivedStatistics(datasetGroup);
        }),
    );
    if (emptied) await Promise.all([...users].map(({ owner }) => completeFromArchive(state, owner)));
  }
}

/** @returns what the user's events tell about items, where they count */
async function applyToHistory(
  { sessions, database }: UserState,
  { owner, messages }: Received,
): Promise<ItemObservation[]> {
  const events = messages.map(({ value, offset }) => toHistoryEvent(value, offset));
  const counted = await sessions.apply(owner, events, () => readArchived(database, owner));
  const countedOffsets = new Set(counted.map((event) => event.offset));
  return messages
    .filter(({ offset }) => countedOffsets.has(offset))
    .flatMap(({ value, offset }) => observationsOf(value, offset));
}

/**
 * The store was emptied in the middle of a batch, so a user may have come back from an archive that lay behind. What is
 * there already changes nothing; imported interactions, which have no id, were in the archive before.
 */
async function completeFromArchive({ sessions, database }: UserState, owner: HistoryOwner): Promise<void> {
  const archived = await readArchived(database, owner);
  await sessions.apply(
    owner,
    archived.filter(({ eventId }) => eventId !== undefined),
    async () => archived,
  );
}

function readArchived(database: Queryable, { datasetGroup, historyKey }: HistoryOwner): Promise<HistoryEvent[]> {
  return readHistory(database, datasetGroup, historyKey, DEFAULT_HISTORY_LIMITS.items);
}

function byGroup(messages: readonly Message<Interaction>[]): Map<DatasetGroupName, Iterable<Received>> {
  const groups = new Map<DatasetGroupName, Map<string, Received>>();
  for (const message of messages) {
    const owner = { datasetGroup: message.value.datasetGroup, historyKey: historyKey(message.value) };
    const users = groups.get(owner.datasetGroup) ?? new Map<string, Received>();
    groups.set(owner.datasetGroup, users);
    const user = users.get(owner.historyKey) ?? { owner, messages: [] };
    users.set(owner.historyKey, user);
    user.messages.push(message);
  }
  return new Map([...groups].map(([group, users]) => [group, [...users.values()]]));
}

function toHistoryEvent(interaction: Interaction, offset: number): HistoryEvent {
  const { eventId, eventType, eventValue, itemId, timestamp, recommendationId, properties } = interaction;
  return {
    eventId,
    eventType,
    timestamp,
    offset,
    ...(eventValue !== undefined && { eventValue }),
    ...(itemId !== undefined && { itemId }),
    ...(recommendationId !== undefined && { recommendationId }),
    ...(properties !== undefined && { properties }),
  };
}
