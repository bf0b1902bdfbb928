import type { Interaction, Slate } from '@attune/domain';
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

/** A served list of two items, the second of them explored, for a test that cares about a few of its members only. */
export function buildSlate(members: Partial<Slate> = {}): Slate {
  return {
    datasetGroup: datasetGroupName('shop'),
    recommendationId: recommendationId('RID-1'),
    campaignArn: 'arn:campaign',
    solutionVersionArn: 'arn:version',
    userId: userId('user-1'),
    servedAt: 1_700_000_000_000,
    kind: 'recommendations',
    policy: {
      version: 'slot-softmax-1',
      explorationWeight: 0.3,
      explorationItemAgeCutOff: 30,
      seed: 'RID-1',
      exposureImpressions: 0,
      exposureHours: 24,
    },
    relevant: [
      { itemId: itemId('item-1'), score: 0.1 + 0.2 },
      { itemId: itemId('item-2'), score: 1e-9 },
    ],
    pool: [{ itemId: itemId('item-9'), score: 0, weight: 1 / 3, ageDays: 2.5, impressions: 4, clicks: 0.1 }],
    poolEligible: 1,
    clickRate: 0.04,
    slots: [
      { itemId: itemId('item-1'), score: 0.1 + 0.2, propensity: 0.7, explored: false },
      { itemId: itemId('item-9'), score: 0, propensity: 0.3, explored: true },
    ],
    degraded: false,
    ...members,
  };
}
