import type { Message } from '@attune/bus';
import type { Interaction, Slate } from '@attune/domain';
import {
  type ItemObservation,
  type ListStore,
  type ObservedPartition,
  type PlacedRecord,
  reportedListKey,
  servedListKey,
} from '@attune/session';

/**
 * What events tell about items: an interaction with the own item of each, and, once for each list that they report as
 * seen, impressions and clicks.
 * @param messages of one dataset group and one partition
 * @returns in order of the offsets
 */
export async function observationsOf(
  lists: ListStore,
  partition: number,
  messages: readonly Message<Interaction>[],
): Promise<ItemObservation[]> {
  const records = messages.map((message) => reportOf(partition, message)).filter((record) => record !== undefined);
  const observations = await listObservations(lists, records);
  for (const { value, offset } of messages) {
    const { itemId, timestamp } = value;
    if (itemId !== undefined) observations.push({ kind: 'interaction', itemId, timestamp, offset });
  }
  return observations.sort((one, other) => one.offset - other.offset);
}

/**
 * What served lists tell about items: nothing, but for those that were reported as seen before.
 * @param messages of one dataset group and one partition
 */
export function servedObservations(
  lists: ListStore,
  partition: ObservedPartition,
  messages: readonly Message<Slate>[],
): Promise<ItemObservation[]> {
  const records = messages.map(({ value, offset }): PlacedRecord => {
    const items = value.slots.map(({ itemId }) => itemId);
    return {
      datasetGroup: value.datasetGroup,
      list: servedListKey(value.recommendationId),
      partition,
      offset,
      record: { kind: 'served', items },
    };
  });
  return listObservations(lists, records);
}

async function listObservations(lists: ListStore, records: readonly PlacedRecord[]): Promise<ItemObservation[]> {
  if (records.length === 0) return [];
  const changes = await lists.note(records);
  return records.flatMap(({ offset }, index) => changes[index]!.map((change) => ({ ...change, offset })));
}

function reportOf(partition: number, { value, offset }: Message<Interaction>): PlacedRecord | undefined {
  const list = reportedListKey(value);
  if (list === undefined) return undefined;
  const { datasetGroup, timestamp, itemId, impression } = value;
  return {
    datasetGroup,
    list,
    partition,
    offset,
    record: {
      kind: 'reported',
      timestamp,
      ...(itemId !== undefined && { itemId }),
      ...(impression && { impression }),
    },
  };
}
