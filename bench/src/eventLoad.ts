import { randomUUID } from 'node:crypto';
import { type Bus, topics } from '@attune/bus';
import {
  datasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  sessionId,
  userId,
} from '@attune/domain';
import { Random } from '@attune/recommender';

export const DATASET_GROUP = datasetGroupName('bench');
const ITEMS = 1700;

/** Messages in one publication. */
const PUBLICATION = 5000;

/**
 * Clicks of many users on popular and rare items, in order of time. Everything but the event ids is the same in every run.
 * @param listEvery how many events have one among them that names a recommended list; 0 where none does
 */
export function generateEvents(count: number, users: number, listEvery: number): Interaction[] {
  const random = new Random(1);
  const start = Date.now() - count;
  return Array.from({ length: count }, (_, index) => {
    const user = Math.floor(random.uniform() * users);
    return {
      datasetGroup: DATASET_GROUP,
      eventId: eventId(randomUUID()),
      userId: userId(`user-${user}`),
      sessionId: sessionId(`session-${user}`),
      eventType: 'click',
      itemId: itemId(`item-${Math.floor(random.uniform() ** 2 * ITEMS)}`),
      timestamp: start + index,
      receivedAt: start + index,
      ...(listEvery > 0 && index % listEvery === 0 && { recommendationId: recommendationId(`RID-${user}-${index}`) }),
    };
  });
}

export async function publishEvents(bus: Bus, events: readonly Interaction[]): Promise<void> {
  for (let start = 0; start < events.length; start += PUBLICATION) {
    const messages = events.slice(start, start + PUBLICATION).map((value) => ({ key: value.userId!, value }));
    await bus.publish(topics.interactions, messages);
  }
}
