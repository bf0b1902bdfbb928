import { setTimeout } from 'node:timers/promises';
import { UnavailableError } from '@attune/domain';
import { inSpan } from '@attune/service';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Batch, ConsumeOptions, Subscription } from './bus';
import type { DeadLetter } from './deadLettersTopic';
import { decodeMessages } from './decodeMessages';
import { type KafkaClient, type KafkaClients, RETRY } from './kafkaConnection';
import type { BusLogger } from './logger';
import type { StoredMessage } from './logTables';
import { destinationOf } from './messagingAttributes';
import type { Topic } from './topic';

/** kafkajs waits up to 5 s for news by default, and can't be stopped meanwhile. News itself comes at once. */
const MAX_WAIT_MS = 250;

/**
 * The most bytes read at once, some 20,000 events. Decoded they outlive several collections of young objects, and each
 * copies them: with the 10 MB of kafkajs's default the collector takes a tenth more of a consumer's time.
 */
const MAX_FETCH_BYTES = 4 * 1024 * 1024;

const HEARTBEAT_MS = 300;

/** A killed member's partitions pass to others after this time: the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6000;

/** A member that is within a batch for longer than this loses its partitions when the group changes. */
const REBALANCE_TIMEOUT_MS = 15_000;

/** A broker that accepts connections and answers nothing for this long counts as away. */
const REQUEST_TIMEOUT_MS = 5000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** Committing and leaving take less than a second, unless the broker hangs. */
const STOP_DEADLINE_MS = 3000;

export interface KafkaConsumerOptions<Value> extends Required<ConsumeOptions<Value>> {
  clients: KafkaClients;
  logger: BusLogger;
  topic: Topic<Value>;
  /** The names on Kafka, prefix included. */
  topicName: string;
  groupName: string;
  /**
   * Where to start each partition, for a consumer that commits nothing; it is kept up to date. A partition that is absent
   * starts at its beginning. Absent altogether, the group's committed positions hold.
   */
  positions?: Map<number, number>;
  /** Keeps what could not be decoded. */
  onDeadLetters(letters: readonly DeadLetter[]): Promise<void>;
}

/** Takes batches of one topic as a member of a group, one at a time of a partition, from its start until it is stopped. */
export class KafkaConsumer<Value> implements Subscription {
  /** Those that are this member's now. */
  partitions: readonly number[] = [];
  private readonly client: KafkaClient;
  private readonly consumer: Consumer;
  private readonly stopping = new AbortController();
  /** The batches that are being brought to effect: stopping waits for them, however long they take. */
  private readonly inHand = new Set<Promise<boolean>>();
  /** What kafkajs got at once. It is lost where this member may have lost its partitions: then it is not to be touched. */
  private fetched = { isLost: false };
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: KafkaConsumerOptions<Value>) {
    const { clients, groupName } = options;
    this.client = clients.open(REQUEST_TIMEOUT_MS);
    this.consumer = this.client.kafka.consumer({
      groupId: groupName,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytes: MAX_FETCH_BYTES,
      heartbeatInterval: HEARTBEAT_MS,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      retry: { ...RETRY, restartOnFailure: async () => !this.isStopping },
    });
  }

  /** @throws UnavailableError where the topic can't be reached */
  async start(): Promise<void> {
    const { topicName, positions } = this.options;
    const { CRASH, FETCH_START, GROUP_JOIN } = this.consumer.events;
    this.consumer.on(FETCH_START, () => {
      this.fetched = { isLost: false };
    });
    // A member that joins anew starts at what was committed; one that commits nothing must be told where it was.
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.partitions = payload.memberAssignment[topicName] ?? [];
      if (positions) this.seek(positions);
    });
    this.consumer.on(CRASH, ({ payload }) => (payload.restart ? undefined : this.revive()));
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [topicName], fromBeginning: true });
      await this.run();
    } catch (error) {
      await this.stop();
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError(`The topic "${topicName}" can't be read from Kafka: ${reason}`, 1, { cause: error });
    }
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    const { groupName, logger } = this.options;
    const leaving = this.consumer
      .disconnect()
      .catch((error) => logger.warn({ err: error, group: groupName }, 'a consumer could not leave its group in order'));
    await Promise.all(this.inHand);
    const left = new AbortController();
    const deadline = setTimeout(STOP_DEADLINE_MS, undefined, { signal: left.signal }).catch(() => {});
    await Promise.race([leaving, deadline]).finally(() => left.abort());
    this.client.sockets.close();
  }

  private run(): Promise<void> {
    return this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.partitionsAtOnce,
      eachBatch: (payload) => this.take(payload),
    });
  }

  /** kafkajs starts again by itself after what it takes for passing trouble. Here nothing else counts as such. */
  private async revive(): Promise<void> {
    if (this.isStopping || !(await this.pause(LONGEST_PAUSE_MS))) return;
    try {
      await this.consumer.connect();
      await this.run();
    } catch (error) {
      const { topicName, groupName, logger } = this.options;
      const place = { topic: topicName, group: groupName };
      logger.error({ err: error, ...place }, 'a consumer could not start again, trying again');
      await this.revive();
    }
  }

  private seek(positions: ReadonlyMap<number, number>): void {
    for (const [partition, position] of positions) {
      this.consumer.seek({ topic: this.options.topicName, partition, offset: String(position) });
    }
  }

  /** Takes what was fetched of one partition, in batches of the size that was asked for. */
  private async take({ batch, heartbeat, isStale, ...progress }: EachBatchPayload): Promise<void> {
    const { maxBatchSize } = this.options;
    const { fetched } = this;
    for (let start = 0; start < batch.messages.length; start += maxBatchSize) {
      if (this.isStopping || fetched.isLost || isStale()) return;
      const stored = batch.messages.slice(start, start + maxBatchSize).map(toStored);
      let beatFailure: unknown;
      const beating = setInterval(() => {
        heartbeat().catch((error) => {
          beatFailure = error;
        });
      }, HEARTBEAT_MS);
      const effect = this.bringToEffect(batch.partition, stored, () => beatFailure !== undefined);
      this.inHand.add(effect);
      try {
        if (!(await effect) || fetched.isLost) return;
        await this.commit(batch.partition, stored.at(-1)!.offset, progress);
        if (beatFailure !== undefined) throw beatFailure;
      } catch (error) {
        fetched.isLost = true;
        throw error;
      } finally {
        this.inHand.delete(effect);
        clearInterval(beating);
      }
    }
  }

  /**
   * Brings one batch to effect, however often it takes.
   * @returns false where it leaves the batch for another time, because this consumer was stopped or lost its place
   */
  private async bringToEffect(
    partition: number,
    stored: readonly StoredMessage[],
    hasLostPlace: () => boolean,
  ): Promise<boolean> {
    const { topic, groupName, onDeadLetters, logger } = this.options;
    let batch: Batch<Value> | undefined;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        if (!batch) {
          const decoded = decodeMessages(topic, partition, stored);
          if (decoded.letters.length > 0) await onDeadLetters(decoded.letters);
          batch = decoded.batch;
        }
        if (batch.messages.length > 0) await this.process(batch, stored);
        return true;
      } catch (error) {
        const place = { topic: topic.name, group: groupName, partition, offset: stored[0]!.offset };
        logger.error({ err: error, ...place, retryInMs: pause }, 'a batch failed and will be given again');
      }
      if (!(await this.pause(pause)) || hasLostPlace()) return false;
    }
  }

  /** In a span that goes on from the traces of the messages: they are many, so it is no child of any. */
  private process(batch: Batch<Value>, stored: readonly StoredMessage[]): Promise<void> {
    const { topic, groupName, onBatch } = this.options;
    const attributes = {
      ...destinationOf(topic, 'process'),
      'messaging.consumer.group.name': groupName,
      'messaging.destination.partition.id': String(batch.partition),
      'messaging.batch.message_count': batch.messages.length,
    };
    const links = tracesOf(stored);
    return inSpan(`process ${topic.name}`, { kind: 'consumer', attributes, links }, () => onBatch(batch));
  }

  private async commit(
    partition: number,
    offset: number,
    { resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets }: Progress,
  ): Promise<void> {
    resolveOffset(String(offset));
    const { positions } = this.options;
    if (positions) positions.set(partition, offset + 1);
    else await commitOffsetsIfNecessary(uncommittedOffsets());
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** @returns false as soon as the consumer is stopped */
  private async pause(milliseconds: number): Promise<boolean> {
    try {
      await setTimeout(milliseconds, undefined, { signal: this.stopping.signal });
      return true;
    } catch {
      return false;
    }
  }
}

type Progress = Pick<EachBatchPayload, 'resolveOffset' | 'commitOffsetsIfNecessary' | 'uncommittedOffsets'>;

/** Producers elsewhere may leave out the key, and the value. */
function toStored({ offset, key, value, timestamp, headers }: KafkaMessage): StoredMessage {
  const stored = { offset: Number(offset), key: key ?? EMPTY, value: value ?? EMPTY, publishedAt: Number(timestamp) };
  const traceparent = headers?.traceparent;
  return traceparent === undefined ? stored : { ...stored, traceparent: String(traceparent) };
}

function* tracesOf(messages: readonly StoredMessage[]): Generator<string> {
  for (const { traceparent } of messages) if (traceparent !== undefined) yield traceparent;
}

const EMPTY = Buffer.alloc(0);
