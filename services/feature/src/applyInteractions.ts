import type { Message } from '@attune/bus';
import type { Queryable } from '@attune/database';
import { readHistory } from '@attune/database';
import type { DatasetGroupName, Interaction } from '@attune/domain';
import { historyKey } from '@attune/domain';
import type { HistoryEvent, HistoryOwner, ItemObservation, ItemStatistics, SessionStore } from '@attune/session';
import { DEFAULT_HISTORY_LIMITS } from '@attune/session';
import { observationsOf } from './observations';

export interface UserState {
  sessions: SessionStore;
  statistics: ItemStatistics;
  /** Holds the archived histories. */
  database: Queryable;
}

/**
 * Brings user state and item statistics up to date with one batch of a partition. Safe to repeat: histories tell
 * repeated events by id and offset, statistics by offset.
 */
export async function applyInteractions(
  { sessions, statistics, database }: UserState,
  partition: number,
  messages: readonly Message<Interaction>[],
): Promise<void> {
  const observations = new Map<DatasetGroupName, ItemObservation[]>();
  for (const { owner, received } of byOwner(messages)) {
    const events = received.map(({ value, offset }) => toHistoryEvent(value, offset));
    const counted = await sessions.apply(owner, events, () =>
      readHistory(database, owner.datasetGroup, owner.historyKey, DEFAULT_HISTORY_LIMITS.items),
    );
    const countedOffsets = new Set(counted.map((event) => event.offset));
    const group = observations.get(owner.datasetGroup) ?? [];
    observations.set(owner.datasetGroup, group);
    for (const { value, offset } of received) {
      if (countedOffsets.has(offset)) group.push(...observationsOf(value, offset));
    }
  }
  for (const [datasetGroup, group] of observations) {
    group.sort((a, b) => a.offset - b.offset);
    await statistics.add(datasetGroup, partition, group);
  }
}

function byOwner(messages: readonly Message<Interaction>[]) {
  const owners = new Map<string, { owner: HistoryOwner; received: Message<Interaction>[] }>();
  for (const message of messages) {
    const owner = { datasetGroup: message.value.datasetGroup, historyKey: historyKey(message.value) };
    const name = `${owner.datasetGroup}\n${owner.historyKey}`;
    const entry = owners.get(name) ?? { owner, received: [] };
    entry.received.push(message);
    owners.set(name, entry);
  }
  return owners.values();
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
