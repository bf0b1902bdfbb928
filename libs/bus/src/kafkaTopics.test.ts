import { describeOnServers } from '@attune/testing';
import { Kafka, logLevel } from 'kafkajs';
import { createKafkaTopics } from './kafkaTopics';
import { topics } from './topics';

describeOnServers('createKafkaTopics', ['kafka'], (servers) => {
  let warnings: object[];
  let topicPrefix: string;
  beforeEach(() => {
    warnings = [];
    topicPrefix = servers.kafka.newPrefix();
  });

  const create = (declared?: { name: string; partitions: number }[], replicationFactor = -1) =>
    createKafkaTopics({
      replicationFactor,
      brokers: servers.kafka.brokers,
      clientId: 'test',
      topicPrefix,
      logger: { warn: (context) => warnings.push(context), error: () => {} },
      ...(declared && { topics: declared }),
    });

  const retentionOf = async (name: string) => {
    const admin = new Kafka({ brokers: servers.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    // 2 is a topic.
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topicPrefix + name, configNames: ['retention.ms'] }],
    });
    await admin.disconnect();
    return Number(resources[0]!.configEntries[0]!.configValue) / (24 * 3600 * 1000);
  };

  test('makes every topic of Attune, and nothing the second time', async () => {
    const names = Object.values(topics).map(({ name }) => topicPrefix + name);
    expect((await create()).toSorted()).toEqual(names.toSorted());
    expect(await create()).toEqual([]);
    expect(warnings).toEqual([]);
    expect(await retentionOf('interactions')).toBe(7);
    expect(await retentionOf('dead-letters')).toBe(30);
  });

  test('from two processes at once makes each once', async () => {
    await Promise.all([create(), create()]);
    expect(await create()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('warns where a topic has another number of partitions, and leaves it', async () => {
    await create([{ name: 'sized', partitions: 2 }]);
    expect(await create([{ name: 'sized', partitions: 5 }])).toEqual([]);
    expect(warnings).toEqual([{ topic: `${topicPrefix}sized`, partitions: 2, declared: 5 }]);
  });

  test('says at once what is wrong with a name', async () => {
    const start = performance.now();
    await expect(create([{ name: 'two words', partitions: 1 }])).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringMatching(/^The topics could not be created on Kafka: .*\(INVALID_TOPIC_EXCEPTION\)$/),
    });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('waits for brokers that may yet come, and then says that they are too few', async () => {
    const start = performance.now();
    await expect(create([{ name: 'replicated', partitions: 1 }], 100)).rejects.toThrow('(INVALID_REPLICATION_FACTOR)');
    expect(performance.now() - start).toBeGreaterThan(8000);
  }, 30_000);
});
