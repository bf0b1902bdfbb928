import { type Dataset, DatasetBuilder } from '@attune/recommender';

/** The oldest part of a dataset's interactions, without metadata: what was there some time ago. */
export function olderShare(
  { userIds, itemIds, offsets, items, timestamps, eventTypes, eventTypeCodes }: Dataset,
  share: number,
): Dataset {
  const cut = timestamps.slice().sort()[Math.round(share * timestamps.length)] ?? Number.POSITIVE_INFINITY;
  const builder = new DatasetBuilder();
  userIds.forEach((userId, user) => {
    for (let row = offsets[user]!; row < offsets[user + 1]!; row++) {
      if (timestamps[row]! >= cut) continue;
      builder.addInteraction({
        userId,
        itemId: itemIds[items[row]!]!,
        timestamp: timestamps[row]!,
        eventType: eventTypes[eventTypeCodes[row]!]!,
      });
    }
  });
  return builder.build();
}
