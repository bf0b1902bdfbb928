import type { Topic } from './topic';

/** The most bytes that a message may have, its encoded value and its key together: what Kafka takes by default. */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** The most messages in one batch, where a consumer names no other number. */
export const DEFAULT_MAX_BATCH_SIZE = 500;

/** A message to publish. Messages of one key keep their order; the key is the history key where there is one. */
export interface OutgoingMessage<Value> {
  key: string;
  value: Value;
}

/** A message as a consumer gets it. */
export interface Message<Value> extends OutgoingMessage<Value> {
  /** Counts up by one or more within a partition. */
  offset: number;
  /** Milliseconds since the epoch. */
  publishedAt: number;
}

/** Messages of one partition, in order. */
export interface Batch<Value> {
  topic: string;
  partition: number;
  messages: readonly Message<Value>[];
}

/** The offset at which to start reading each partition; a partition that is absent is read from its beginning. */
export type Positions = ReadonlyMap<number, number>;

export interface ConsumeOptions<Value> {
  /**
   * Takes effect, then resolves: only then does the consumer move on. Where it rejects, the same batch is given again
   * after a pause, so effects must be repeatable.
   */
  onBatch(batch: Batch<Value>): Promise<void>;
  /**
   * The most messages in one batch.
   * @minimum 1 @default 500
   */
  maxBatchSize?: number;
  /**
   * The most batches in hand at a time, each of another partition.
   * @minimum 1 @default 1
   */
  partitionsAtOnce?: number;
}

export interface SubscribeOptions<Value> extends ConsumeOptions<Value> {
  /** Members of a group share the partitions; the group's positions are kept on the bus. */
  group: string;
  /**
   * How many members of the group to be, each with as many batches in hand as `partitionsAtOnce` says. A member of a group on
   * Kafka reads nothing while it has batches in hand, so that another then reads and decodes. The embedded log reads ahead by
   * itself, and is one member whatever this says.
   * @minimum 1 @default 1
   */
  members?: number;
}

export interface FollowOptions<Value> extends ConsumeOptions<Value> {
  /** Where to start: `beginning`, `end` (only what comes from now on), or a position for each partition. */
  from: 'beginning' | 'end' | Positions;
}

/** A running consumer. */
export interface Subscription {
  /** Lets the batch in hand finish and commits it, then stops. A batch that fails meanwhile is left for another time. */
  stop(): Promise<void>;
}

/**
 * The message bus: a durable, partitioned log. What can't be decoded goes to the dead-letter topic with the reason and
 * is then passed over; it never stops a consumer.
 */
export interface Bus {
  /**
   * Resolves when all the messages are durable. Where it rejects, the embedded log holds none of them; Kafka may hold some,
   * so that a caller who repeats them must tell the repetition by what they hold.
   * @throws UnavailableError within two seconds, where the bus can't be reached
   * @throws InvalidInputError where a message is larger than `MAX_MESSAGE_BYTES`
   */
  publish<Value>(topic: Topic<Value>, messages: readonly OutgoingMessage<Value>[]): Promise<void>;
  /** Shares a topic's messages among the members of a group. A new group starts at the beginning. */
  subscribe<Value>(topic: Topic<Value>, options: SubscribeOptions<Value>): Promise<Subscription>;
  /** Gives every message of a topic to this process, and keeps no position. */
  follow<Value>(topic: Topic<Value>, options: FollowOptions<Value>): Promise<Subscription>;
  /**
   * The next offset of each partition of a topic, at this moment. It asks the log itself, so it is a sign of life, too.
   * @throws UnavailableError where the bus can't be reached
   */
  ends(topic: Topic<unknown>): Promise<Positions>;
  /** Stops all consumers, waits for their batches in hand, and lets go of the log. */
  close(): Promise<void>;
}
