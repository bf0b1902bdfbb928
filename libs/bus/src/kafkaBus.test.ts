import { describeOnServers } from '@attune/testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Bus, Message } from './bus';
import { busContract } from './bus.contract';
import { type DeadLetter, deadLettersTopic } from './deadLettersTopic';
import { eventually } from './eventually.fixture';
import { openKafkaBus } from './kafkaBus';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';
import type { Topic } from './topic';

const logger = { warn: () => {}, error: () => {} };

describeOnServers('Kafka', ['kafka'], (servers) => {
  let connection: { brokers: string[]; clientId: string; topicPrefix: string; logger: typeof logger };
  beforeAll(async () => {
    connection = {
      brokers: servers.kafka.brokers,
      clientId: 'test',
      topicPrefix: servers.kafka.newPrefix(),
      logger,
    };
    await createKafkaTopics({ ...connection, topics: [deadLettersTopic] });
  });

  busContract('Kafka', {
    open: () => openKafkaBus(connection),
    declare: async (topic) => {
      await createKafkaTopics({ ...connection, topics: [topic] });
    },
  });

  describe('Messages of producers elsewhere', () => {
    let producer: Producer;
    let bus: Bus;
    beforeAll(async () => {
      const kafka = new Kafka({ brokers: servers.kafka.brokers, logLevel: logLevel.NOTHING });
      producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      bus = await openKafkaBus(connection);
    });
    afterAll(async () => {
      await bus.close();
      await producer.disconnect();
    });

    const receive = async (topic: Topic<string>) => {
      const messages: Message<string>[] = [];
      await bus.subscribe(topic, {
        group: 'readers',
        onBatch: async (batch) => {
          messages.push(...batch.messages);
        },
      });
      return messages;
    };

    test('without a key or a value are empty', async () => {
      const topic = textTopic(1);
      await createKafkaTopics({ ...connection, topics: [topic] });
      await producer.send({
        topic: connection.topicPrefix + topic.name,
        messages: [{ value: 'no key' }, { key: 'no value', value: null }],
      });
      const messages = await receive(topic);
      await eventually(() =>
        expect(messages).toMatchObject([
          { key: '', value: 'no key' },
          { key: 'no value', value: '' },
        ]),
      );
    });

    test('as large as Kafka takes them become dead letters that fit, and stop nobody', async () => {
      const topic: Topic<string> = {
        ...textTopic(1),
        decode: (bytes) => {
          if (bytes.length > 100) throw new Error('too long a word.');
          return Buffer.from(bytes).toString();
        },
      };
      await createKafkaTopics({ ...connection, topics: [topic] });
      const letters: DeadLetter[] = [];
      await bus.follow(deadLettersTopic, {
        from: 'end',
        onBatch: async (batch) => {
          letters.push(...batch.messages.map(({ value }) => value));
        },
      });
      const name = connection.topicPrefix + topic.name;
      await producer.send({ topic: name, messages: [{ key: 'ada', value: 'x'.repeat(1_048_000) }] });
      await producer.send({ topic: name, messages: [{ key: 'ada', value: 'short' }] });
      const messages = await receive(topic);
      await eventually(() => expect(messages.map(({ value }) => value)).toEqual(['short']));
      await eventually(() => expect(letters).toHaveLength(1));
      expect(letters[0]!.reason).toBe('too long a word. The message had 1048000 bytes; what is kept is its beginning.');
    });
  });

  test('A topic that is not there is named, to publishers and consumers', async () => {
    const bus = await openKafkaBus(connection);
    const topic = textTopic(1);
    const unavailable = { code: 'Unavailable', message: expect.stringContaining(topic.name) };
    await expect(bus.publish(topic, [{ key: 'ada', value: 'one' }])).rejects.toMatchObject(unavailable);
    await expect(bus.subscribe(topic, { group: 'readers', onBatch: async () => {} })).rejects.toMatchObject(
      unavailable,
    );
    await expect(bus.follow(topic, { from: 'end', onBatch: async () => {} })).rejects.toMatchObject(unavailable);
    await bus.close();
  });
});
