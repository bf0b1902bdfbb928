import type { Producer } from 'kafkajs';
import type { KafkaClient, KafkaClients } from './kafkaConnection';
import type { KeyedMessage } from './logWriter';
import { toBuffer } from './toBuffer';

/** A request that has no answer after this time is repeated once before the publisher's time is over. */
const REQUEST_TIMEOUT_MS = 700;

interface Session extends KafkaClient {
  producer: Producer;
  connected: Promise<void>;
}

/**
 * An idempotent producer of kafkajs that is replaced when a request fails. It must be: kafkajs takes the failed request's
 * sequence numbers back, and where the broker had stored that request all the same, it would take the next one, under the
 * same numbers, for its repetition, acknowledge it and throw it away.
 */
export class KafkaProducer {
  private session: Session | undefined;
  private readonly ending = new Set<Promise<void>>();

  constructor(
    private readonly clients: KafkaClients,
    private readonly topic: string,
  ) {}

  /**
   * Resolves when all in-sync replicas have the messages. One call at a time.
   * @param deadline a reading of `performance.now()`, by which the call rejects at the latest
   */
  async send(messages: readonly KeyedMessage[], deadline: number): Promise<void> {
    this.session ??= this.open();
    const session = this.session;
    const sending = session.connected.then(() =>
      session.producer.send({
        topic: this.topic,
        acks: -1,
        timeout: REQUEST_TIMEOUT_MS,
        messages: messages.map(({ partition, key, value, traceparent }) => ({
          partition,
          key: toBuffer(key),
          value: toBuffer(value),
          ...(traceparent !== undefined && { headers: { traceparent } }),
        })),
      }),
    );
    try {
      await before(deadline, sending);
    } catch (error) {
      this.session = undefined;
      this.end(session, sending);
      throw error;
    }
  }

  /** Disconnects. */
  async close(): Promise<void> {
    if (this.session) this.end(this.session, this.session.connected);
    this.session = undefined;
    await Promise.all(this.ending);
  }

  private open(): Session {
    const client = this.clients.open(REQUEST_TIMEOUT_MS);
    const producer = client.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    return { ...client, producer, connected: producer.connect() };
  }

  /** Cuts the connections, so that a request which was given up can't be repeated later, and lets kafkajs wind up. */
  private end({ producer, sockets }: Session, work: Promise<unknown>): void {
    sockets.close();
    const ended = work
      .catch(() => {})
      .then(() => producer.disconnect())
      .finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }
}

/** The work's result, or a rejection at the deadline. */
async function before<Result>(deadline: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time.')), Math.max(1, deadline - performance.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
