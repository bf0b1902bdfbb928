import { describeOnOwnServers } from '@attune/testing';
import { eventually } from './eventually.fixture';
import { openKafkaBus } from './kafkaBus';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';

describeOnOwnServers('A Kafka that asks for TLS and a password', { kafka: { secure: true } }, (servers) => {
  const connection = () => ({
    brokers: servers.kafka.brokers,
    clientId: 'test',
    logger: { warn: () => {}, error: () => {} },
  });
  const tls = () => ({ ca: servers.kafka.ca! });
  const sasl = () => ({ mechanism: 'plain' as const, ...servers.kafka.credentials! });

  test('serves those who have both', async () => {
    const options = { ...connection(), tls: tls(), sasl: sasl() };
    const topic = textTopic(1);
    await createKafkaTopics({ ...options, topics: [topic] });
    const bus = await openKafkaBus(options);
    const values: string[] = [];
    await bus.subscribe(topic, {
      group: 'readers',
      onBatch: async ({ messages }) => {
        values.push(...messages.map(({ value }) => value));
      },
    });
    await bus.publish(topic, [{ key: 'ada', value: 'secret' }]);
    await eventually(() => expect(values).toEqual(['secret']));
    await bus.close();
  });

  test('refuses a wrong password', async () => {
    const wrong = { ...sasl(), password: 'guess' };
    await expect(openKafkaBus({ ...connection(), tls: tls(), sasl: wrong })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('Authentication failed'),
    });
  });

  test('is refused where its certificate is not trusted', async () => {
    await expect(openKafkaBus({ ...connection(), tls: {}, sasl: sasl() })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('self-signed certificate'),
    });
  });
});
