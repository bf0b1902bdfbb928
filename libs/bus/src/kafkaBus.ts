import { randomUUID } from 'node:crypto';
import { UnavailableError } from '@attune/domain';
import { inSpan, type Registry } from '@attune/service';
import {
  type Bus,
  type ConsumeOptions,
  DEFAULT_MAX_BATCH_SIZE,
  type FollowOptions,
  type OutgoingMessage,
  type SubscribeOptions,
  type Subscription,
} from './bus';
import { type DeadLetter, deadLettersTopic } from './deadLettersTopic';
import { encodeMessages } from './encodeMessages';
import { KafkaAdmin } from './kafkaAdmin';
import { KafkaClients, type KafkaConnection } from './kafkaConnection';
import { KafkaConsumer } from './kafkaConsumer';
import { KafkaLag } from './kafkaLag';
import { KafkaWriter } from './kafkaWriter';
import { destinationOf } from './messagingAttributes';
import type { Topic } from './topic';

export interface KafkaBusOptions extends KafkaConnection {
  /**
   * Takes the gauge `attune_bus_lag_messages`: how many messages each of this process's groups is behind, by partition.
   * @default no metrics
   */
  metrics?: Registry;
}

/**
 * Opens the message bus on Apache Kafka 4. The topics must be there: `createKafkaTopics` makes them.
 *
 * A publication is one request where its messages for one partition have less than a megabyte, else several. When it
 * rejects with UnavailableError, none, some or all of its messages may be on Kafka: the caller repeats it, and consumers
 * tell the repetition by what the messages hold (an interaction's `eventId`).
 * @throws UnavailableError where no broker answers
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const clients = new KafkaClients(options);
  const admin = new KafkaAdmin(clients);
  await admin.ask(`Kafka can't be reached at ${options.brokers.join(', ')}`, async () => {});
  return new KafkaBus(options, clients, admin);
}

class KafkaBus implements Bus {
  private readonly prefix: string;
  private readonly writers = new Map<string, KafkaWriter>();
  private readonly consumers = new Set<Subscription>();
  private readonly lag: KafkaLag | undefined;
  private closing: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly options: KafkaBusOptions,
    private readonly clients: KafkaClients,
    private readonly admin: KafkaAdmin,
  ) {
    this.prefix = options.topicPrefix ?? '';
    this.lag = options.metrics && new KafkaLag(admin, options.logger, options.metrics);
  }

  async publish<Value>(topic: Topic<Value>, messages: readonly OutgoingMessage<Value>[]): Promise<void> {
    const attributes = {
      ...destinationOf(topic, 'send'),
      'messaging.batch.message_count': messages.length,
    };
    await inSpan(`send ${topic.name}`, { kind: 'producer', attributes }, async () => {
      const encoded = encodeMessages(topic, messages);
      if (this.closed) throw closedError();
      if (encoded.length === 0) return;
      await this.writerOf(topic.name).append(encoded);
    });
  }

  async subscribe<Value>(topic: Topic<Value>, options: SubscribeOptions<Value>): Promise<Subscription> {
    // With the topic in its name: kafkajs shares all topics of a group among all its members, whatever each asked for.
    const groupName = `${this.prefix}${options.group}.${topic.name}`;
    const members = Array.from({ length: options.members ?? 1 }, () => this.consumer(topic, groupName, options));
    const forget = this.lag?.watch({
      topic: topic.name,
      group: options.group,
      topicName: this.prefix + topic.name,
      groupName,
      partitions: () => members.flatMap(({ partitions }) => partitions),
    });
    return this.start(members, forget);
  }

  async follow<Value>(topic: Topic<Value>, options: FollowOptions<Value>): Promise<Subscription> {
    const { from } = options;
    const positions = from === 'end' ? await this.ends(topic) : new Map(from === 'beginning' ? [] : from);
    // A group that no other process has, and in which nothing is committed: Kafka forgets it with its only member.
    const group = `${this.prefix}follow-${this.options.clientId}-${randomUUID()}`;
    return this.start([this.consumer(topic, group, options, positions)]);
  }

  async ends(topic: Topic<unknown>): Promise<Map<number, number>> {
    if (this.closed) throw closedError();
    const ends = await this.admin.ask(`The topic "${topic.name}" can't be read from Kafka`, (kafka) =>
      kafka.fetchTopicOffsets(this.prefix + topic.name),
    );
    return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    this.closed = true;
    await Promise.all([...this.writers.values()].map((writer) => writer.close()));
    await this.admin.close();
  }

  private consumer<Value>(
    topic: Topic<Value>,
    groupName: string,
    { onBatch, maxBatchSize = DEFAULT_MAX_BATCH_SIZE, partitionsAtOnce = 1 }: ConsumeOptions<Value>,
    positions?: Map<number, number>,
  ): KafkaConsumer<Value> {
    if (this.closing) throw closedError();
    return new KafkaConsumer({
      clients: this.clients,
      logger: this.options.logger,
      topic,
      topicName: this.prefix + topic.name,
      groupName,
      ...(positions && { positions }),
      onBatch,
      maxBatchSize,
      partitionsAtOnce,
      onDeadLetters: (letters) => this.keepDeadLetters(letters),
    });
  }

  private async start(
    members: readonly Pick<KafkaConsumer<unknown>, 'start' | 'stop'>[],
    onStopped: () => void = () => {},
  ): Promise<Subscription> {
    const subscription = {
      stop: async () => {
        await Promise.all(members.map((member) => member.stop()));
        this.consumers.delete(subscription);
        onStopped();
      },
    };
    this.consumers.add(subscription);
    try {
      await Promise.all(members.map((member) => member.start()));
    } catch (error) {
      await subscription.stop();
      throw error;
    }
    return subscription;
  }

  private async keepDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    for (const { topic, partition, offset, reason } of letters) {
      const place = { topic, partition, offset, reason };
      this.options.logger.warn(place, 'a message could not be decoded and is passed over');
    }
    const kept = letters.filter((letter) => letter.topic !== deadLettersTopic.name);
    if (kept.length === 0) return;
    const messages = encodeMessages(
      deadLettersTopic,
      kept.map((letter) => ({ key: letter.key, value: letter })),
    );
    await this.writerOf(deadLettersTopic.name).append(messages);
  }

  private writerOf(name: string): KafkaWriter {
    const writer = this.writers.get(name) ?? new KafkaWriter(this.clients, this.prefix + name);
    this.writers.set(name, writer);
    return writer;
  }
}

function closedError(): UnavailableError {
  return new UnavailableError('The bus is closed.');
}
