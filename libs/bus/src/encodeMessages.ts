import { InvalidInputError } from '@attune/domain';
import { isTracing, traceparent } from '@attune/service';
import { MAX_MESSAGE_BYTES, type OutgoingMessage } from './bus';
import type { KeyedMessage } from './logWriter';
import { partitionOf } from './partitioner';
import type { Topic } from './topic';

/**
 * Encodes all the messages, and places each by its key.
 * @throws InvalidInputError where a message is larger than `MAX_MESSAGE_BYTES`
 */
export function encodeMessages<Value>(
  topic: Topic<Value>,
  messages: readonly OutgoingMessage<Value>[],
): KeyedMessage[] {
  const trace = isTracing() ? traceparent() : undefined;
  return messages.map((message) => {
    const key = Buffer.from(message.key);
    const value = topic.encode(message.value);
    if (key.length + value.length > MAX_MESSAGE_BYTES) {
      throw new InvalidInputError(
        `A message for "${topic.name}" has ${key.length + value.length} bytes with its key. The most is ${MAX_MESSAGE_BYTES}.`,
      );
    }
    const keyed = { key, value, partition: partitionOf(key, topic.partitions) };
    return trace === undefined ? keyed : { ...keyed, traceparent: trace };
  });
}
