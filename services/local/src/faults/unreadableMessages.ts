import { type Topic, topics } from '@attune/bus';
import { datasetGroupName, eventId, itemId, sessionId } from '@attune/domain';
import { CatalogNotice, Interaction } from '@attune/proto';

export interface UnreadableMessage {
  topic: Topic<Uint8Array>;
  key: string;
  value: Uint8Array;
  /** What its dead letter says. */
  reason: string;
}

/**
 * Messages of every kind that no consumer can take: cut off, huge, nested without end, or of a later version.
 * @param name begins their keys, which no others have
 */
export function unreadableMessages(trackingId: string, name: string): UnreadableMessage[] {
  const call = { trackingId, userId: 'ada', sessionId: 's', eventList: [{ eventType: 'click', sentAt: 1 }] };
  const interaction = {
    datasetGroup: datasetGroupName('faults'),
    eventId: eventId('unreadable'),
    sessionId: sessionId('s'),
    eventType: 'click',
    timestamp: 1,
    receivedAt: 1,
  };
  const longId = topics.interactions.encode({ ...interaction, itemId: itemId('x'.repeat(10_000)) });
  const hugeProperty = { ...Interaction.decode(topics.interactions.encode(interaction)), properties: { x: [HUGE] } };
  const laterKind = { datasetGroup: 'faults', kind: 9, changedMs: 1 };
  const messages: [Topic<unknown>, Uint8Array | string, string][] = [
    [topics.clickstream, '{"trackingId": ', 'The message is not valid JSON'],
    [topics.clickstream, '', 'The message is not valid JSON'],
    [topics.clickstream, Uint8Array.of(0x7b, 0xff), 'The message is not valid UTF-8'],
    [topics.clickstream, `"${HUGE}"`, 'failed to satisfy constraint'],
    [topics.clickstream, '['.repeat(400_000) + ']'.repeat(400_000), 'nested deeper than 100 levels'],
    [topics.clickstream, '['.repeat(900_000), 'nested too deeply'],
    [topics.clickstream, JSON.stringify({ ...call, trackingId: 'nobody' }), "at 'trackingId'"],
    [topics.clickstream, JSON.stringify({ ...call, eventList: [{ sentAt: 1 }] }), "at 'eventList.1.member.eventType'"],
    [topics.interactions, HUGE, ''],
    [topics.interactions, new Uint8Array(), 'dataset_group is missing'],
    [topics.interactions, longId, "The interaction's itemId has 10000 characters"],
    [topics.interactions, Interaction.encode(hugeProperty).finish(), 'properties.x is ["xxx'],
    [topics.catalog, CatalogNotice.encode(laterKind).finish(), 'is unknown to this version'],
    [topics.models, Uint8Array.of(0x7f, 0xff), ''],
  ];
  return messages.map(([topic, value, reason], index) => ({
    topic: { ...topic, encode: (bytes) => bytes, decode: (bytes) => bytes },
    key: `${name}-unreadable-${index}`,
    value: Buffer.from(value as Uint8Array),
    reason,
  }));
}

/** Nearly as much as one message may hold. */
const HUGE = 'x'.repeat(990_000);
