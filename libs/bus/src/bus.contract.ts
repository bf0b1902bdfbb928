import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Batch, type Bus, MAX_MESSAGE_BYTES, type Message } from './bus';
import type { DeadLetter } from './deadLettersTopic';
import { eventually } from './eventually.fixture';
import type { Topic } from './topic';
import { topics } from './topics';

/** How the suite gets at a bus. Its topics have names of their own, so suites may share one. */
export interface BusUnderTest {
  /** Opens the bus; again after it was closed, with all it held. */
  open(): Promise<Bus>;
  /** Makes a topic known before its first use, where the bus asks for that. */
  declare(topic: Topic<unknown>): Promise<void>;
}

interface Received extends Message<string> {
  partition: number;
}

/** What every Bus must do. */
export function busContract(name: string, { open, declare }: BusUnderTest): void {
  describe(`${name} as a Bus`, () => {
    let bus: Bus;
    let topic: Topic<string>;

    beforeEach(async () => {
      bus = await open();
      topic = await newTopic();
    });
    afterEach(async () => {
      await bus.close();
    });

    /** Texts, of which `unreadable` can't be decoded. */
    const newTopic = async (partitions = 3): Promise<Topic<string>> => {
      const created: Topic<string> = {
        name: `test-${randomUUID()}`,
        partitions,
        encode: (value) => Buffer.from(value),
        decode: (bytes) => {
          const value = Buffer.from(bytes).toString();
          if (value === 'unreadable') throw new Error('not a word can be read');
          return value;
        },
      };
      await declare(created);
      return created;
    };

    const newGroup = () => `group-${randomUUID()}`;

    const publish = (...values: string[]) =>
      bus.publish(
        topic,
        values.map((value) => ({ key: 'ada', value })),
      );

    const numbered = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

    /** A handler that keeps all it is given. */
    const collector = () => {
      const received: Received[] = [];
      const onBatch = async ({ partition, messages }: Batch<string>) => {
        received.push(...messages.map((message) => ({ ...message, partition })));
      };
      return { received, onBatch, values: () => received.map(({ value }) => value) };
    };

    describe('publishing', () => {
      test('brings messages to consumers with key, value, offset and time', async () => {
        const before = Date.now();
        await publish('one', 'two');
        const { received, onBatch } = collector();
        await bus.subscribe(topic, { group: newGroup(), onBatch });
        await eventually(() => expect(received).toHaveLength(2));
        expect(received).toMatchObject([
          { key: 'ada', value: 'one' },
          { key: 'ada', value: 'two' },
        ]);
        const [one, two] = received as [Received, Received];
        expect(two.offset).toBeGreaterThan(one.offset);
        expect(two.partition).toBe(one.partition);
        expect(one.publishedAt).toBeGreaterThanOrEqual(before - 1000);
        expect(one.publishedAt).toBeLessThanOrEqual(Date.now() + 1000);
      });

      test('keeps the order of a key, and each key in one partition', async () => {
        const { received, onBatch } = collector();
        await bus.subscribe(topic, { group: newGroup(), onBatch });
        const keys = numbered(20, 'user ');
        for (const part of numbered(10)) {
          const messages = numbered(5, `${part}.`).flatMap((value) => keys.map((key) => ({ key, value })));
          await bus.publish(topic, messages);
        }
        await eventually(() => expect(received).toHaveLength(1000));
        for (const key of keys) {
          const own = received.filter((message) => message.key === key);
          expect(own.map(({ value }) => value)).toEqual(numbered(10).flatMap((part) => numbered(5, `${part}.`)));
          expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
        }
        expect(new Set(received.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
      });

      test('of no messages does nothing', async () => {
        await bus.publish(topic, []);
      });

      test('keeps keys and values of any characters', async () => {
        const texts = ['', ' ', 'ünïcödé', '観客', '🎬🍿', '"quoted" \\ {braces}', 'line\nline', 'null\0character'];
        await bus.publish(
          topic,
          texts.map((text) => ({ key: text, value: text })),
        );
        const { received, onBatch } = collector();
        await bus.follow(topic, { from: 'beginning', onBatch });
        await eventually(() => expect(received).toHaveLength(texts.length));
        expect(received.map(({ key }) => key).toSorted()).toEqual(texts.toSorted());
        for (const { key, value } of received) expect(value).toBe(key);
      });

      test('takes messages up to the limit, and refuses larger ones with all that came with them', async () => {
        const { received, onBatch } = collector();
        await bus.follow(topic, { from: 'beginning', onBatch });
        const largest = 'x'.repeat(MAX_MESSAGE_BYTES - 'ada'.length);
        await expect(publish('small', `${largest}x`)).rejects.toMatchObject({ code: 'InvalidInput' });
        await publish(largest, largest, largest, largest, largest, largest);
        await eventually(() => expect(received).toHaveLength(6));
        expect(received.every(({ value }) => value === largest)).toBe(true);
      });

      test('refuses what can not be encoded with all that came with it', async () => {
        const strict: Topic<string> = {
          ...topic,
          encode: (value) => {
            if (value === 'bad') throw new Error('has no form on the wire');
            return topic.encode(value);
          },
        };
        const sent = bus.publish(strict, [
          { key: 'ada', value: 'good' },
          { key: 'ada', value: 'bad' },
        ]);
        await expect(sent).rejects.toThrow('has no form on the wire');
        const { onBatch, values } = collector();
        await bus.follow(topic, { from: 'beginning', onBatch });
        await publish('after');
        await eventually(() => expect(values()).toEqual(['after']));
      });

      test('from many sides at once loses and doubles nothing', async () => {
        const { onBatch, values } = collector();
        await bus.subscribe(topic, { group: newGroup(), onBatch });
        const parts = numbered(200);
        await Promise.all(
          parts.map((part) =>
            bus.publish(
              topic,
              numbered(1 + (Number(part) % 5), `${part}.`).map((value) => ({ key: `user ${part}`, value })),
            ),
          ),
        );
        await eventually(() => expect(values()).toHaveLength(600));
        expect(values().toSorted()).toEqual(
          parts.flatMap((part) => numbered(1 + (Number(part) % 5), `${part}.`)).toSorted(),
        );
      });
    });

    describe('groups', () => {
      test('each get every message, from the beginning', async () => {
        await publish('before');
        const first = collector();
        const second = collector();
        await bus.subscribe(topic, { group: newGroup(), onBatch: first.onBatch });
        await bus.subscribe(topic, { group: newGroup(), onBatch: second.onBatch });
        await publish('after');
        await eventually(() => {
          expect(first.values()).toEqual(['before', 'after']);
          expect(second.values()).toEqual(['before', 'after']);
        });
      });

      test('give each message to one of their members', async () => {
        const group = newGroup();
        const all = collector();
        for (let member = 0; member < 3; member++) await bus.subscribe(topic, { group, onBatch: all.onBatch });
        for (const part of numbered(10)) {
          await bus.publish(
            topic,
            numbered(30).map((user) => ({ key: `user ${user}`, value: `${part} of ${user}` })),
          );
        }
        await eventually(() => expect(all.received).toHaveLength(300));
        for (const user of numbered(30)) {
          const own = all.received.filter(({ key }) => key === `user ${user}`).map(({ value }) => value);
          expect(own).toEqual(numbered(10).map((part) => `${part} of ${user}`));
        }
      });

      test('go on where they stopped, also after the bus was opened anew', async () => {
        const group = newGroup();
        const values: string[][] = [];
        for (const part of ['first', 'second', 'third']) {
          await publish(...numbered(50, `${part} `));
          const { onBatch, values: received } = collector();
          const subscription = await bus.subscribe(topic, { group, onBatch });
          await eventually(() => expect(received()).toHaveLength(50));
          await subscription.stop();
          values.push(received());
          if (part === 'second') {
            await bus.close();
            bus = await open();
          }
        }
        expect(values).toEqual(['first', 'second', 'third'].map((part) => numbered(50, `${part} `)));
      });
    });

    describe('following', () => {
      test('from the beginning gives all, to every follower', async () => {
        await publish('before');
        const first = collector();
        const second = collector();
        await bus.follow(topic, { from: 'beginning', onBatch: first.onBatch });
        await bus.follow(topic, { from: 'beginning', onBatch: second.onBatch });
        await publish('after');
        await eventually(() => {
          expect(first.values()).toEqual(['before', 'after']);
          expect(second.values()).toEqual(['before', 'after']);
        });
      });

      test('from the end gives what comes from now on', async () => {
        await publish('before');
        const { onBatch, values } = collector();
        await bus.follow(topic, { from: 'end', onBatch });
        await publish('after');
        await eventually(() => expect(values()).toEqual(['after']));
      });

      test('from positions gives each partition from there, and others from their beginning', async () => {
        await bus.publish(
          topic,
          numbered(300).map((value) => ({ key: `user ${value}`, value })),
        );
        const all = collector();
        await bus.follow(topic, { from: 'beginning', onBatch: all.onBatch });
        await eventually(() => expect(all.received).toHaveLength(300));
        const inPartition = (partition: number) => all.received.filter((message) => message.partition === partition);
        const [zero, one, two] = [inPartition(0), inPartition(1), inPartition(2)];

        const rest = collector();
        const from = new Map([
          [0, zero[10]!.offset],
          [1, one.at(-1)!.offset + 1],
        ]);
        await bus.follow(topic, { from, onBatch: rest.onBatch });
        await eventually(() => expect(rest.received).toHaveLength(zero.length - 10 + two.length));
        const byPlace = (a: Received, b: Received) => a.partition - b.partition || a.offset - b.offset;
        expect(rest.received.toSorted(byPlace)).toEqual([...zero.slice(10), ...two]);
      });
    });

    describe('batches', () => {
      test('that fail are given again, the same, until they take effect', async () => {
        const attempts: string[][] = [];
        const { onBatch, values } = collector();
        await publish('one', 'two');
        await bus.subscribe(topic, {
          group: newGroup(),
          onBatch: async (batch) => {
            attempts.push(batch.messages.map(({ value }) => value));
            if (attempts.length < 3) throw new Error('no effect');
            await onBatch(batch);
          },
        });
        await publish('three');
        await eventually(() => expect(values()).toEqual(['one', 'two', 'three']));
        expect(attempts.slice(1, 3)).toEqual([attempts[0], attempts[0]]);
      });

      test('that fail while the consumer stops are given to the next one', async () => {
        const group = newGroup();
        let failures = 0;
        const failing = await bus.subscribe(topic, {
          group,
          onBatch: async () => {
            failures++;
            throw new Error('no effect');
          },
        });
        await publish('one');
        await eventually(() => expect(failures).toBeGreaterThan(0));
        await failing.stop();
        const { onBatch, values } = collector();
        await bus.subscribe(topic, { group, onBatch });
        await eventually(() => expect(values()).toEqual(['one']));
      });

      test('that fail while one member stops are given to another', async () => {
        const group = newGroup();
        const { onBatch, values } = collector();
        let failing: string | undefined;
        const join = async (member: string) => {
          const subscription = await bus.subscribe(topic, {
            group,
            onBatch: async (batch) => {
              failing ??= member;
              if (failing === member) throw new Error('no effect');
              await onBatch(batch);
            },
          });
          return [member, subscription] as const;
        };
        const members = new Map([await join('one'), await join('other')]);
        await publish('one', 'two');
        await eventually(() => expect(failing).toBeDefined());
        await members.get(failing!)!.stop();
        await eventually(() => expect(values()).toEqual(['one', 'two']));
      });

      test('in hand are finished and committed before the consumer stops', async () => {
        const group = newGroup();
        const { onBatch, values } = collector();
        let started = false;
        const slow = await bus.subscribe(topic, {
          group,
          onBatch: async (batch) => {
            started = true;
            await setTimeout(200);
            await onBatch(batch);
          },
        });
        await publish('one');
        await eventually(() => expect(started).toBe(true));
        await slow.stop();
        expect(values()).toEqual(['one']);

        const next = collector();
        await bus.subscribe(topic, { group, onBatch: next.onBatch });
        await publish('two');
        await eventually(() => expect(next.values()).toEqual(['two']));
      });

      test('wait for a slow consumer, which has one in hand at a time, of the size it asked for', async () => {
        let inHand = 0;
        let mostInHand = 0;
        let largest = 0;
        let goOn = () => {};
        const held = new Promise<void>((resolve) => {
          goOn = resolve;
        });
        const { received, onBatch, values } = collector();
        await bus.subscribe(topic, {
          group: newGroup(),
          maxBatchSize: 100,
          onBatch: async (batch) => {
            inHand++;
            mostInHand = Math.max(mostInHand, inHand);
            largest = Math.max(largest, batch.messages.length);
            await held;
            await setTimeout(1);
            await onBatch(batch);
            inHand--;
          },
        });
        const parts = numbered(12);
        for (const part of parts) {
          await publish(...numbered(500, `${part}.`));
          if (part === '5') goOn();
          // From here on it catches up, while more comes in.
          if (Number(part) >= 5) await setTimeout(10);
        }
        await eventually(() => expect(received).toHaveLength(6000));
        expect(values()).toEqual(parts.flatMap((part) => numbered(500, `${part}.`)));
        expect(mostInHand).toBe(1);
        expect(largest).toBeLessThanOrEqual(100);
      });

      test('are in hand as many at a time as were asked for, each of another partition; stopping waits for all', async () => {
        const keys = numbered(30, 'user-');
        for (const value of numbered(20)) {
          await bus.publish(
            topic,
            keys.map((key) => ({ key, value })),
          );
        }
        const inHand = new Map<number, number>();
        const most = { partitions: 0, ofOne: 0 };
        const { received, onBatch } = collector();
        const consumer = await bus.subscribe(topic, {
          group: newGroup(),
          maxBatchSize: 10,
          partitionsAtOnce: 2,
          onBatch: async (batch) => {
            inHand.set(batch.partition, (inHand.get(batch.partition) ?? 0) + 1);
            most.partitions = Math.max(most.partitions, [...inHand.values()].filter((count) => count > 0).length);
            most.ofOne = Math.max(most.ofOne, ...inHand.values());
            await setTimeout(2);
            await onBatch(batch);
            inHand.set(batch.partition, inHand.get(batch.partition)! - 1);
          },
        });
        await eventually(() => expect(most).toEqual({ partitions: 2, ofOne: 1 }));
        await eventually(() => expect(received).toHaveLength(600));
        await consumer.stop();
        expect(most).toEqual({ partitions: 2, ofOne: 1 });
        expect([...inHand.values()].every((count) => count === 0)).toBe(true);
        for (const key of keys) {
          expect(received.filter((each) => each.key === key).map(({ value }) => value)).toEqual(numbered(20));
        }
      });

      test('of several members in one process come once, and in the order of each key', async () => {
        const keys = numbered(30, 'user-');
        const { received, onBatch } = collector();
        const consumer = await bus.subscribe(topic, { group: newGroup(), members: 2, partitionsAtOnce: 2, onBatch });
        for (const value of numbered(20)) {
          await bus.publish(
            topic,
            keys.map((key) => ({ key, value })),
          );
        }
        await eventually(() => expect(received.length).toBeGreaterThanOrEqual(600));
        await consumer.stop();
        expect(received).toHaveLength(600);
        for (const key of keys) {
          expect(received.filter((each) => each.key === key).map(({ value }) => value)).toEqual(numbered(20));
        }
      });

      test('in hand at the same time are all finished and committed before the consumer stops', async () => {
        const keys = numbered(30, 'user-');
        await bus.publish(
          topic,
          keys.map((key) => ({ key, value: 'first' })),
        );
        const group = newGroup();
        const { received, onBatch } = collector();
        const started = new Set<number>();
        const slow = await bus.subscribe(topic, {
          group,
          partitionsAtOnce: 3,
          onBatch: async (batch) => {
            started.add(batch.partition);
            await setTimeout(100 * started.size);
            await onBatch(batch);
          },
        });
        await eventually(() => expect(started.size).toBe(3));
        await slow.stop();
        expect(received.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());

        const next = collector();
        await bus.subscribe(topic, { group, onBatch: next.onBatch });
        await bus.publish(
          topic,
          keys.map((key) => ({ key, value: 'second' })),
        );
        await eventually(() => expect(next.received).toHaveLength(keys.length));
        expect(new Set(next.values())).toEqual(new Set(['second']));
      });
    });

    test('what can not be decoded goes to the dead letters with the reason, and stops nobody', async () => {
      const letters: DeadLetter[] = [];
      await bus.follow(topics.deadLetters, {
        from: 'end',
        onBatch: async ({ messages }) => {
          letters.push(...messages.map(({ value }) => value).filter((letter) => letter.topic === topic.name));
        },
      });
      const { received, onBatch, values } = collector();
      await publish('one', 'unreadable', 'two', 'unreadable');
      await bus.subscribe(topic, { group: newGroup(), onBatch });
      await publish('three');
      await eventually(() => {
        expect(values()).toEqual(['one', 'two', 'three']);
        expect(letters).toHaveLength(2);
      });
      const [one, two] = received as [Received, Received];
      expect(letters[0]).toMatchObject({
        topic: topic.name,
        partition: one.partition,
        key: 'ada',
        reason: 'not a word can be read',
      });
      expect(letters[0]!.offset).toBeGreaterThan(one.offset);
      expect(letters[0]!.offset).toBeLessThan(two.offset);
      expect(Buffer.from(letters[0]!.value).toString()).toBe('unreadable');
    });

    test('closing waits for batches in hand, what they publish included, and then takes no more', async () => {
      const answers = await newTopic();
      let started = false;
      await bus.subscribe(topic, {
        group: newGroup(),
        onBatch: async () => {
          started = true;
          await setTimeout(100);
          await bus.publish(answers, [{ key: 'ada', value: 'answer' }]);
        },
      });
      await publish('question');
      await eventually(() => expect(started).toBe(true));
      await bus.close();
      await expect(publish('too late')).rejects.toMatchObject({ code: 'Unavailable' });
      const late = bus.subscribe(topic, { group: newGroup(), onBatch: async () => {} });
      await expect(late).rejects.toMatchObject({ code: 'Unavailable' });

      bus = await open();
      const { onBatch, values } = collector();
      await bus.follow(answers, { from: 'beginning', onBatch });
      await eventually(() => expect(values()).toEqual(['answer']));
    });
  });
}
