import { setTimeout } from 'node:timers/promises';
import { createMetrics } from '@attune/service';
import { describeOnServers } from '@attune/testing';
import type { Bus } from './bus';
import { eventually } from './eventually.fixture';
import { type KafkaBusOptions, openKafkaBus } from './kafkaBus';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';

describeOnServers('Consumer groups on Kafka', ['kafka'], (servers) => {
  const buses: Bus[] = [];
  let options: KafkaBusOptions;
  const topic = textTopic(6);

  beforeEach(async () => {
    options = {
      brokers: servers.kafka.brokers,
      clientId: 'test',
      topicPrefix: servers.kafka.newPrefix(),
      logger: { warn: () => {}, error: () => {} },
    };
    await createKafkaTopics({ ...options, topics: [topic] });
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  const open = async (further: Partial<KafkaBusOptions> = {}) => {
    const bus = await openKafkaBus({ ...options, ...further });
    buses.push(bus);
    return bus;
  };

  test('give no batch twice while members come and go', async () => {
    const publisher = await open();
    const taken = new Map<string, number>();
    let largestBatch = 0;
    const join = async (name: string, members: number) => {
      const bus = await open({ clientId: name });
      let count = 0;
      await bus.subscribe(topic, {
        group: 'changing',
        members,
        onBatch: async ({ messages }) => {
          await setTimeout(5);
          count += messages.length;
          largestBatch = Math.max(largestBatch, messages.length);
          for (const { value } of messages) taken.set(value, (taken.get(value) ?? 0) + 1);
        },
      });
      return { bus, count: () => count };
    };

    let published = 0;
    let running = true;
    const publishing = (async () => {
      for (; running; published += 30) {
        const values = Array.from({ length: 30 }, (_, index) => String(published + index));
        await publisher.publish(
          topic,
          values.map((value) => ({ key: value, value })),
        );
        await setTimeout(5);
      }
    })();

    const first = await join('first', 1);
    await eventually(() => expect(first.count()).toBeGreaterThan(100));
    const second = await join('second', 2);
    await eventually(() => expect(second.count()).toBeGreaterThan(100));
    const third = await join('third', 1);
    await eventually(() => expect(third.count()).toBeGreaterThan(100));
    await first.bus.close();
    const before = third.count();
    await eventually(() => expect(third.count()).toBeGreaterThan(before + 100));
    await second.bus.close();
    running = false;
    await publishing;
    await eventually(() => expect(taken.size).toBe(published));
    expect([...taken.values()].filter((times) => times > 1)).toEqual([]);
  }, 60_000);

  test('may read several topics', async () => {
    const other = textTopic(2);
    await createKafkaTopics({ ...options, topics: [other] });
    const bus = await open();
    const taken: string[] = [];
    for (const each of [topic, other]) {
      await bus.subscribe(each, {
        group: 'readers',
        onBatch: async ({ topic: name, messages }) => {
          for (const { value } of messages) taken.push(`${value} from ${name === topic.name ? 'one' : 'other'}`);
        },
      });
    }
    await bus.publish(topic, [{ key: 'ada', value: 'news' }]);
    await bus.publish(other, [{ key: 'ada', value: 'weather' }]);
    await eventually(() => expect(taken.toSorted()).toEqual(['news from one', 'weather from other']));
  });

  test('keep a member whose batch takes longer than its session', async () => {
    const bus = await open();
    const taken: string[] = [];
    await bus.subscribe(topic, {
      group: 'slow',
      onBatch: async ({ messages }) => {
        await setTimeout(7000);
        taken.push(...messages.map(({ value }) => value));
      },
    });
    await bus.publish(topic, [{ key: 'ada', value: 'one' }]);
    await eventually(() => expect(taken).toEqual(['one']));
    await bus.publish(topic, [{ key: 'ada', value: 'two' }]);
    await eventually(() => expect(taken).toEqual(['one', 'two']));
  }, 60_000);

  test('tell in their metrics how far behind they are', async () => {
    const metrics = createMetrics();
    const bus = await open({ metrics });
    const lag = async () => {
      const { values } = await metrics.getSingleMetric('attune_bus_lag_messages')!.get();
      for (const { labels } of values) expect(labels).toMatchObject({ group: 'behind', topic: topic.name });
      return values.reduce((sum, { value }) => sum + value, 0);
    };
    let blocked = true;
    await bus.subscribe(topic, {
      group: 'behind',
      onBatch: async () => {
        while (blocked) await setTimeout(10);
      },
    });
    const values = Array.from({ length: 100 }, (_, index) => String(index));
    await bus.publish(
      topic,
      values.map((value) => ({ key: value, value })),
    );
    await eventually(async () => expect(await lag()).toBe(100));
    blocked = false;
    await eventually(async () => expect(await lag()).toBe(0));
  });
});
