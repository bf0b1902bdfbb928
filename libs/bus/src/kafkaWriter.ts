import { UnavailableError } from '@attune/domain';
import type { KafkaClients } from './kafkaConnection';
import { KafkaProducer } from './kafkaProducer';
import type { KeyedMessage } from './logWriter';

interface Publication {
  /** Reading of `performance.now()`. */
  arrivedAt: number;
  /** How many of its messages are not durable yet. */
  left: number;
  resolve(): void;
  reject(error: unknown): void;
}

interface Waiting {
  message: KeyedMessage;
  publication: Publication;
}

/** A caller hears within this time, so that its own caller hears within two seconds even on a busy machine. */
const DEADLINE_MS = 1500;

/** What waits while the broker is slow. With the deadline it bounds memory: beyond it, publications are refused at once. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/**
 * kafkajs makes one record batch of a request's messages for one partition, and brokers refuse batches of more than
 * 1,048,588 bytes. Beside key and value, a record has at most 25 bytes, and a batch 61.
 */
const MAX_PARTITION_BYTES = 1_048_588 - 61;
const RECORD_OVERHEAD_BYTES = 25;

/** The header's name and the lengths of both, beside its value. */
const TRACE_HEADER_BYTES = 13;

/** Bounds one request. */
const MAX_GROUP_MESSAGES = 5000;

/**
 * Publishes to one topic, in the order of coming, all that waits at a time in one request (group commit). One request is
 * under way at a time: that keeps the order, and lets the idempotent producer repeat a request without doubling it.
 */
export class KafkaWriter {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private draining: Promise<void> | undefined;
  private readonly producer: KafkaProducer;

  /** @param topic the topic's name on Kafka */
  constructor(
    clients: KafkaClients,
    private readonly topic: string,
  ) {
    this.producer = new KafkaProducer(clients, topic);
  }

  /**
   * Resolves when all the messages are on all in-sync replicas.
   * @throws UnavailableError within two seconds, where that can't be said of all of them
   */
  append(messages: readonly KeyedMessage[]): Promise<void> {
    const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > MAX_WAITING_BYTES) {
      return Promise.reject(
        new UnavailableError(`Nothing was published to "${this.topic}": too much is waiting for Kafka already.`),
      );
    }
    this.waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      const publication = { arrivedAt: performance.now(), left: messages.length, resolve, reject };
      for (const message of messages) this.waiting.push({ message, publication });
      this.draining ??= this.drain();
    });
  }

  /** Waits for what was published, then disconnects. */
  async close(): Promise<void> {
    await this.draining;
    await this.producer.close();
  }

  private async drain(): Promise<void> {
    // Publications of the same turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.write(this.takeGroup());
    this.draining = undefined;
  }

  /** What comes next, as far as one request may hold it. */
  private takeGroup(): Waiting[] {
    const bytesOf = new Map<number, number>();
    const tooMany = this.waiting.findIndex(({ message }, index) => {
      const bytes = (bytesOf.get(message.partition) ?? 0) + sizeOf(message);
      bytesOf.set(message.partition, bytes);
      return index === MAX_GROUP_MESSAGES || (index > 0 && bytes > MAX_PARTITION_BYTES);
    });
    const group = this.waiting.splice(0, tooMany === -1 ? this.waiting.length : tooMany);
    for (const { message } of group) this.waitingBytes -= sizeOf(message);
    return group;
  }

  private async write(group: readonly Waiting[]): Promise<void> {
    try {
      const messages = group.map(({ message }) => message);
      await this.producer.send(messages, group[0]!.publication.arrivedAt + DEADLINE_MS);
    } catch (error) {
      this.refuse(group, error);
      return;
    }
    for (const { publication } of group) {
      publication.left--;
      if (publication.left === 0) publication.resolve();
    }
  }

  /** Refuses what waits too: its time runs, and Kafka is away. */
  private refuse(group: readonly Waiting[], cause: unknown): void {
    const refused = [...group, ...this.waiting];
    this.waiting = [];
    this.waitingBytes = 0;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new UnavailableError(`Kafka did not take what was published to "${this.topic}": ${reason}`, 1, {
      cause,
    });
    for (const { publication } of refused) publication.reject(error);
  }
}

function sizeOf({ key, value, traceparent }: KeyedMessage): number {
  const header = traceparent === undefined ? 0 : traceparent.length + TRACE_HEADER_BYTES;
  return key.length + value.length + header + RECORD_OVERHEAD_BYTES;
}
