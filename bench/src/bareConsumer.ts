import { topics } from '@attune/bus';
import { Interaction } from '@attune/proto';
import { Kafka, logLevel } from 'kafkajs';
import type { RealParts } from './realParts';

/** Long polls end as early as with Attune's own consumers. */
const MAX_WAIT_MS = 250;

/**
 * Reads so many interactions from the beginning by kafkajs alone, and parses them.
 * @returns seconds from its start, joining its group included, to the last message
 */
export async function consumeBarely({ kafka: { brokers, topicPrefix } }: RealParts, count: number): Promise<number> {
  const groupId = `${topicPrefix}bare-${process.hrtime.bigint()}`;
  const kafka = new Kafka({ brokers, clientId: 'bare', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS });
  const start = performance.now();
  await consumer.connect();
  await consumer.subscribe({ topics: [topicPrefix + topics.interactions.name], fromBeginning: true });
  let left = count;
  const end = await new Promise<number>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) Interaction.decode(value!);
          left -= batch.messages.length;
          if (left === 0) resolve(performance.now());
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return (end - start) / 1000;
}

/** Lets a group of Attune's read its topic from the beginning again. */
export async function forgetGroup({ kafka: { brokers, topicPrefix } }: RealParts, group: string): Promise<void> {
  const admin = new Kafka({ brokers, clientId: 'bare', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteGroups([`${topicPrefix}${group}.${topics.interactions.name}`]);
  await admin.disconnect();
}
