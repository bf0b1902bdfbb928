import type { Database } from '@attune/database';
import { InvalidInputError, UnavailableError } from '@attune/domain';
import {
  type Bus,
  type ConsumeOptions,
  DEFAULT_MAX_BATCH_SIZE,
  type FollowOptions,
  type OutgoingMessage,
  type Positions,
  type SubscribeOptions,
  type Subscription,
} from './bus';
import { ConsumerGroups } from './consumerGroups';
import { type DeadLetter, deadLettersTopic } from './deadLettersTopic';
import { encodeMessages } from './encodeMessages';
import { GroupPositions } from './groupPositions';
import { type Lane, Lanes } from './lanes';
import { LogConsumer } from './logConsumer';
import type { BusLogger } from './logger';
import { trimLog } from './logRetention';
import { createLogTables, readHeads } from './logTables';
import { type KeyedMessage, LogWriter } from './logWriter';
import type { Topic } from './topic';
import { TopicLog } from './topicLog';

const DAY_MS = 24 * 3600 * 1000;

export interface EmbeddedLogOptions {
  /** Holds the log in tables of its own. Only one log may be open on a database. It stays open when the log closes. */
  database: Database;
  logger: BusLogger;
  /**
   * How long messages are kept at least, in milliseconds. They go when all groups have passed them, too.
   * @default 7 days
   */
  retentionMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number;
}

/**
 * Opens the embedded message bus: a durable, partitioned log in the database, for the services of one process.
 *
 * Messages reach consumers that have read all before them in memory, as soon as they are durable. Positions of groups are
 * committed within a second, and when a consumer stops: a killed process gives its last second again.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<Bus> {
  const { database, logger, retentionMs = 7 * DAY_MS, now = Date.now } = options;
  await createLogTables(database);
  const trim = () => trimLog(database, now() - retentionMs);
  await trim();
  return new EmbeddedLog(database, logger, now, trim);
}

class EmbeddedLog implements Bus {
  private readonly writer: LogWriter;
  private readonly positions: GroupPositions;
  private readonly groups: ConsumerGroups;
  private readonly logs = new Map<string, Promise<TopicLog>>();
  private readonly consumers = new Set<Subscription>();
  private readonly trimming: NodeJS.Timeout;
  private closing: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly logger: BusLogger,
    now: () => number,
    trim: () => Promise<number>,
  ) {
    this.writer = new LogWriter(database, now);
    this.positions = new GroupPositions(database, logger);
    this.groups = new ConsumerGroups(database, this.positions);
    this.trimming = setInterval(() => {
      trim().catch((error) => logger.error({ err: error }, 'old messages could not be removed, trying again in a day'));
    }, DAY_MS).unref();
  }

  async publish<Value>(topic: Topic<Value>, messages: readonly OutgoingMessage<Value>[]): Promise<void> {
    await this.append(topic, encodeMessages(topic, messages));
  }

  async subscribe<Value>(topic: Topic<Value>, options: SubscribeOptions<Value>): Promise<Subscription> {
    const { lanes, leave } = await this.groups.join(await this.open(topic), options.group);
    const onProgress = ({ partition, position }: Lane) =>
      this.positions.move({ group: options.group, topic: topic.name, partition, nextOffset: position });
    return this.consume(topic, options, lanes, onProgress, leave);
  }

  async follow<Value>(topic: Topic<Value>, options: FollowOptions<Value>): Promise<Subscription> {
    const log = await this.open(topic);
    const { from } = options;
    const lanes = new Lanes(this.database, log, (partition) => {
      if (from === 'end') return log.head(partition);
      return from === 'beginning' ? 0 : (from.get(partition) ?? 0);
    });
    return this.consume(
      topic,
      options,
      lanes,
      () => {},
      async () => lanes.close(),
    );
  }

  async ends(topic: Topic<unknown>): Promise<Positions> {
    const log = await this.open(topic);
    if (this.closed) throw closedError();
    return new Map(Array.from({ length: log.partitions }, (_, partition) => [partition, log.head(partition)]));
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    clearInterval(this.trimming);
    const stops = await Promise.allSettled([...this.consumers].map((consumer) => consumer.stop()));
    this.closed = true;
    this.positions.close();
    await this.writer.settle();
    for (const stop of stops) if (stop.status === 'rejected') throw stop.reason;
  }

  private async consume<Value>(
    topic: Topic<Value>,
    { onBatch, maxBatchSize = DEFAULT_MAX_BATCH_SIZE, concurrency = 1 }: ConsumeOptions<Value>,
    lanes: Lanes,
    onProgress: (lane: Lane) => void,
    leave: () => Promise<void>,
  ): Promise<Subscription> {
    if (this.closing) {
      await leave();
      throw closedError();
    }
    const consumer = new LogConsumer({
      topic,
      lanes,
      maxBatchSize,
      concurrency,
      onBatch,
      onProgress,
      onDeadLetters: (letters) => this.keepDeadLetters(letters),
      onStopped: async () => {
        await leave();
        this.consumers.delete(consumer);
      },
      logger: this.logger,
    });
    this.consumers.add(consumer);
    return consumer;
  }

  private async keepDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    for (const { topic, partition, offset, reason } of letters) {
      this.logger.warn({ topic, partition, offset, reason }, 'a message could not be decoded and is passed over');
    }
    const kept = letters.filter((letter) => letter.topic !== deadLettersTopic.name);
    const messages = kept.map((letter) => ({ key: letter.key, value: letter }));
    await this.append(deadLettersTopic, encodeMessages(deadLettersTopic, messages));
  }

  private async append<Value>(topic: Topic<Value>, messages: readonly KeyedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const log = await this.open(topic);
    if (this.closed) throw closedError();
    await this.writer.append(log, messages);
  }

  private async open<Value>(topic: Topic<Value>): Promise<TopicLog> {
    const opening = this.logs.get(topic.name) ?? this.load(topic);
    this.logs.set(topic.name, opening);
    const log = await opening;
    if (log.partitions !== topic.partitions) {
      throw new InvalidInputError(
        `The topic "${topic.name}" is declared with ${topic.partitions} partitions, and the log has ${log.partitions}. They can't change: a key's place depends on them.`,
      );
    }
    return log;
  }

  private async load<Value>(topic: Topic<Value>): Promise<TopicLog> {
    try {
      return new TopicLog(topic.name, await readHeads(this.database, topic.name, topic.partitions));
    } catch (error) {
      this.logs.delete(topic.name);
      throw new UnavailableError(`The topic "${topic.name}" can't be read from the log.`, 1, { cause: error });
    }
  }
}

function closedError(): UnavailableError {
  return new UnavailableError('The bus is closed.');
}
