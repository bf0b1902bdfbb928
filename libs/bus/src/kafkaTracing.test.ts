import { inSpan, type Part, startTracing } from '@attune/service';
import { describeOnServers, startTraceReceiver, type TraceReceiver } from '@attune/testing';
import { eventually } from './eventually.fixture';
import { type KafkaBusOptions, openKafkaBus } from './kafkaBus';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';

describeOnServers('Traces through Kafka', ['kafka'], (servers) => {
  const topic = textTopic(1);
  let receiver: TraceReceiver;
  let tracing: Part;

  beforeAll(async () => {
    receiver = await startTraceReceiver();
    tracing = startTracing({ service: 'test', version: '1', endpoint: receiver.url })!;
  });
  afterAll(() => receiver.stop());

  test('go on from those who published to what takes the batch', async () => {
    const options: KafkaBusOptions = {
      brokers: servers.kafka.brokers,
      clientId: 'test',
      topicPrefix: servers.kafka.newPrefix(),
      logger: { warn: () => {}, error: () => {} },
    };
    await createKafkaTopics({ ...options, topics: [topic] });
    const bus = await openKafkaBus(options);
    const publish = (name: string) =>
      inSpan(name, {}, () =>
        bus.publish(topic, [
          { key: 'k', value: name },
          { key: 'k', value: `${name}, too` },
        ]),
      );
    await publish('first');
    await publish('second');
    const taken: string[] = [];
    await bus.subscribe(topic, {
      group: 'traced',
      onBatch: async ({ messages }) => void taken.push(...messages.map(({ value }) => value)),
    });
    await eventually(() => expect(taken).toEqual(['first', 'first, too', 'second', 'second, too']));
    await bus.close();
    await tracing.stop();

    const named = (name: string) => receiver.spans.filter((span) => span.name === name);
    const sends = named(`send ${topic.name}`);
    expect(sends.map(({ parentSpanId }) => parentSpanId)).toEqual(
      ['first', 'second'].flatMap((name) => named(name).map(({ spanId }) => spanId)),
    );
    const links = named(`process ${topic.name}`).flatMap((span) => span.links ?? []);
    expect(links.map(({ traceId, spanId }) => ({ traceId, spanId }))).toEqual(
      sends.map(({ traceId, spanId }) => ({ traceId, spanId })),
    );
  });
});
