import type { Batch, Message } from './bus';
import { type DeadLetter, fitDeadLetter } from './deadLettersTopic';
import type { StoredMessage } from './logTables';
import { toBuffer } from './toBuffer';
import type { Topic } from './topic';

/** Decodes the messages of one partition; what can't be decoded becomes a dead letter with the reason. */
export function decodeMessages<Value>(
  topic: Topic<Value>,
  partition: number,
  stored: readonly StoredMessage[],
): { batch: Batch<Value>; letters: DeadLetter[] } {
  const messages: Message<Value>[] = [];
  const letters: DeadLetter[] = [];
  for (const { offset, key: keyBytes, value, publishedAt } of stored) {
    const key = toBuffer(keyBytes).toString('utf8');
    try {
      messages.push({ key, value: topic.decode(value), offset, publishedAt });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      letters.push(fitDeadLetter({ topic: topic.name, partition, offset, key, value, reason }));
    }
  }
  return { batch: { topic: topic.name, partition, messages }, letters };
}
