import { setTimeout } from 'node:timers/promises';
import { describeOnOwnServers } from '@attune/testing';
import type { Bus } from './bus';
import { eventually } from './eventually.fixture';
import { openKafkaBus } from './kafkaBus';
import { createKafkaTopics } from './kafkaTopics';
import { textTopic } from './textTopic.fixture';

const words = textTopic(3);

describeOnOwnServers('The bus, when Kafka', { kafka: {} }, (servers) => {
  let bus: Bus;
  let logged: string[];
  let group: string;

  const connect = () => ({
    brokers: servers.kafka.brokers,
    clientId: 'test',
    topicPrefix: group,
    logger: {
      warn: (_: object, message: string) => logged.push(message),
      error: (_: object, message: string) => logged.push(message),
    },
  });
  beforeEach(async () => {
    logged = [];
    group = servers.kafka.newPrefix();
    await createKafkaTopics({ ...connect(), topics: [words] });
    bus = await openKafkaBus(connect());
  });
  afterEach(async () => {
    await servers.kafka.faults.resume();
    await servers.kafka.faults.start();
    await bus.close();
  });

  const publish = (value: string) => bus.publish(words, [{ key: value, value }]);

  /** Publishes until it is stopped, each word once more where it was refused. */
  const publishing = () => {
    const acknowledged: string[] = [];
    let refused = 0;
    let slowestMs = 0;
    let running = true;
    const work = (async () => {
      for (let count = 0; running; ) {
        const start = performance.now();
        try {
          await publish(`word ${count}`);
          acknowledged.push(`word ${count++}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'Unavailable' });
          refused++;
        }
        slowestMs = Math.max(slowestMs, performance.now() - start);
        await setTimeout(2);
      }
    })();
    const stop = async () => {
      running = false;
      await work;
      return { acknowledged, refused, slowestMs };
    };
    return { acknowledged, stop, hasRefused: () => refused > 0 };
  };

  const collect = async () => {
    const values: string[] = [];
    await bus.subscribe(words, {
      group,
      onBatch: async ({ messages }) => {
        values.push(...messages.map(({ value }) => value));
      },
    });
    return values;
  };

  test.each([
    ['is killed and comes back', 'kill', 'start'],
    ['is stopped and comes back', 'stop', 'start'],
    ['hangs and goes on', 'pause', 'resume'],
  ] as const)(
    '%s, refuses within 2 s, and loses nothing that was acknowledged',
    async (_, fault, cure) => {
      const values = await collect();
      const publisher = publishing();
      await eventually(() => expect(values.length).toBeGreaterThan(20));
      await servers.kafka.faults[fault]();
      await eventually(() => expect(publisher.hasRefused()).toBe(true));
      await setTimeout(3000);
      const before = publisher.acknowledged.length;
      await servers.kafka.faults[cure]();
      await eventually(() => expect(publisher.acknowledged.length).toBeGreaterThan(before + 20));
      const { acknowledged, slowestMs } = await publisher.stop();
      expect(slowestMs).toBeLessThan(2000);
      await eventually(() => expect(new Set(values)).toEqual(new Set(acknowledged)));
      expect(logged.length).toBeLessThan(20);
    },
    60_000,
  );

  test('is away, refuses all of many publications within 2 s', async () => {
    await publish('before');
    await servers.kafka.faults.pause();
    const start = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 5000 }, (_, count) => publish(`word ${count}`)));
    expect(performance.now() - start).toBeLessThan(2000);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  }, 60_000);

  test('is away, refuses at once what would have to wait with more than 32 MiB', async () => {
    await servers.kafka.faults.pause();
    const large = 'x'.repeat(900_000);
    const sent = Array.from({ length: 60 }, () => bus.publish(words, [{ key: 'ada', value: large }]));
    const all = Promise.allSettled(sent);
    const start = performance.now();
    await expect(sent.at(-1)).rejects.toThrow('too much is waiting');
    expect(performance.now() - start).toBeLessThan(500);
    await all;
  }, 60_000);

  test('hangs, closes within 8 s', async () => {
    const values = await collect();
    await publish('one');
    await eventually(() => expect(values).toEqual(['one']));
    await servers.kafka.faults.pause();
    const refused = expect(publish('two')).rejects.toMatchObject({ code: 'Unavailable' });
    const start = performance.now();
    await bus.close();
    expect(performance.now() - start).toBeLessThan(8000);
    await refused;
  }, 60_000);

  test.each([
    ['goes on after it hung', 'pause', 'resume'],
    ['comes back', 'kill', 'start'],
  ] as const)(
    '%s, topics are created although it has yet to find its own place',
    async (_, fault, cure) => {
      for (let round = 0; round < 3; round++) {
        await servers.kafka.faults[fault]();
        // More than the broker's session, so that its controller has given it up.
        await setTimeout(1500);
        await servers.kafka.faults[cure]();
        const topic = { name: `new-${round}`, partitions: 1 };
        await expect(createKafkaTopics({ ...connect(), topics: [topic] })).resolves.toEqual([group + topic.name]);
      }
    },
    60_000,
  );

  test('restarts, a follower goes on where it was', async () => {
    await publish('before');
    const values: string[] = [];
    await bus.follow(words, {
      from: 'end',
      onBatch: async ({ messages }) => {
        values.push(...messages.map(({ value }) => value));
      },
    });
    await publish('one');
    await eventually(() => expect(values).toEqual(['one']));
    await servers.kafka.faults.kill();
    await servers.kafka.faults.start();
    await eventually(() => publish('two'));
    await eventually(() => expect(values).toEqual(expect.arrayContaining(['one', 'two'])));
    expect(values.filter((value) => value !== 'two')).toEqual(['one']);
  }, 60_000);
});
