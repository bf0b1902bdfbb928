import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeOnServers, describeWhere, findProgram } from '@attune/testing';
import type { Bus } from './bus';
import { eventually } from './eventually.fixture';
import { openKafkaBus } from './kafkaBus';
import { readSnappy } from './kafkaCodecs';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';

/** What snappy-java 1.1.10 makes of a sentence a hundred times over, in blocks of 1024 bytes: the Java client's form. */
const FROM_SNAPPY_JAVA =
  'glNOQVBQWQAAAAABAAAAAQAAAFCACFx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP' +
  '4gAP4gAP4gAP4gAP4gAH4gAAAAAFCACFx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4g' +
  'AP4gAP4gAP4gAP4gAP4gAH4gAAAAAFCACFx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP4gAP' +
  '4gAP4gAP4gAP4gAP4gAP4gAH4gAAAAACaAAVx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAH4gAA==';

test("the Java client's snappy is read", async () => {
  const text = await readSnappy(Buffer.from(FROM_SNAPPY_JAVA, 'base64'));
  expect(text.toString()).toBe('the same words again and again, '.repeat(100));
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['cut off', Buffer.from(FROM_SNAPPY_JAVA, 'base64').subarray(0, 60)],
])('snappy that is %s is refused', async (_, compressed) => {
  await expect(readSnappy(compressed)).rejects.toThrow();
});

const lacking = findProgram('kcat') ? [] : ['kcat is missing: install it (apt-get install kcat).'];

describeOnServers('On Kafka', ['kafka'], (servers) => {
  describeWhere('what kcat (librdkafka) compresses', lacking, () => {
    let bus: Bus;
    let topicPrefix: string;
    const topic = textTopic(1);
    beforeAll(async () => {
      topicPrefix = servers.kafka.newPrefix();
      const options = {
        brokers: servers.kafka.brokers,
        clientId: 'test',
        topicPrefix,
        logger: { warn() {}, error() {} },
      };
      await createKafkaTopics({ ...options, topics: [topic] });
      bus = await openKafkaBus(options);
    });
    afterAll(() => bus.close());

    test.each(['gzip', 'snappy', 'lz4', 'zstd'])('with %s is read', async (codec) => {
      const words = Array.from({ length: 2000 }, (_, index) => `${codec}: the same words again and again, ${index}`);
      const values: string[] = [];
      const follower = await bus.follow(topic, {
        from: 'end',
        onBatch: async ({ messages }) => {
          values.push(...messages.map(({ value }) => value));
        },
      });
      const brokers = servers.kafka.brokers.join(',');
      const kcat = spawn('kcat', ['-P', '-b', brokers, '-t', topicPrefix + topic.name, '-z', codec], {
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      kcat.stdin.end(words.join('\n'));
      expect(await once(kcat, 'exit')).toEqual([0, null]);
      await eventually(() => expect(values).toEqual(words));
      await follower.stop();
    });
  });
});
