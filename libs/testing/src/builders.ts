import type { Interaction } from '@attune/domain';
import { datasetGroupName, eventId, itemId, recommendationId, sessionId, userId } from '@attune/domain';

/** An interaction for a test that cares about a few of its members only. */
export function buildInteraction(
  members: Partial<{
    datasetGroup: string;
    eventId: string;
    userId: string;
    sessionId: string;
    itemId: string;
    eventType: string;
    timestamp: number;
    impression: string[];
    recommendationId: string;
  }> = {},
): Interaction {
  const { impression, timestamp = 1_700_000_000_000 } = members;
  return {
    datasetGroup: datasetGroupName(members.datasetGroup ?? 'shop'),
    eventId: eventId(members.eventId ?? 'event-1'),
    userId: userId(members.userId ?? 'user-1'),
    sessionId: sessionId(members.sessionId ?? 'session-1'),
    itemId: itemId(members.itemId ?? 'item-1'),
    eventType: members.eventType ?? 'click',
    timestamp,
    receivedAt: timestamp + 1,
    ...(members.recommendationId !== undefined && { recommendationId: recommendationId(members.recommendationId) }),
    ...(impression && { impression: impression.map(itemId) }),
  };
}
