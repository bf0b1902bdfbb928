import { setTimeout } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { KafkaAdmin } from './kafkaAdmin';
import { KafkaClients, type KafkaConnection } from './kafkaConnection';
import { mayPass } from './kafkaRefusal';
import type { Topic } from './topic';
import { topics as allTopics } from './topics';

const READY_DEADLINE_MS = 15_000;

/** A cluster that starts, or comes back, refuses new topics until as many brokers have registered as are to hold each. */
const ACCEPT_DEADLINE_MS = 10_000;
const ACCEPT_PAUSE_MS = 200;

const DAY_MS = 24 * 3600 * 1000;

/** How long Kafka keeps a topic's messages: a week's outage of a consumer loses nothing. */
const DEFAULT_RETENTION_MS = 7 * DAY_MS;

/** Dead letters wait for a person; notices are few, and tell a service that was away for long what it missed. */
const RETENTION_MS: Readonly<Record<string, number>> = {
  [allTopics.deadLetters.name]: 30 * DAY_MS,
  [allTopics.models.name]: 30 * DAY_MS,
  [allTopics.catalog.name]: 30 * DAY_MS,
};

type DeclaredTopic = Pick<Topic<never>, 'name' | 'partitions'>;

export interface CreateTopicsOptions extends KafkaConnection {
  /** @default every topic of Attune */
  topics?: readonly DeclaredTopic[];
  /**
   * How many brokers hold each message. -1 leaves it to the brokers' `default.replication.factor`.
   * @default -1
   */
  replicationFactor?: number;
}

/**
 * Creates the topics that are not there yet, with their partitions and retention. Those that are there stay as they are;
 * where their number of partitions is not the declared one, the log says so.
 * @returns the names of those that were created, prefix included
 * @throws UnavailableError where Kafka can't be reached, or refuses
 */
export async function createKafkaTopics(options: CreateTopicsOptions): Promise<string[]> {
  const { topics = Object.values(allTopics), topicPrefix = '', replicationFactor = -1, logger } = options;
  const admin = new KafkaAdmin(new KafkaClients(options));
  try {
    const created = await admin.ask('The topics could not be created on Kafka', (kafka) =>
      create(kafka, topics, topicPrefix, replicationFactor),
    );
    for (const { name, partitions: declared } of topics) {
      const topic = topicPrefix + name;
      const partitions = await admin.ask(`The topic "${topic}" is not ready on Kafka`, (kafka) =>
        readyPartitions(kafka, topic),
      );
      if (partitions === declared) continue;
      logger.warn(
        { topic, partitions, declared },
        'a topic has not the declared number of partitions: keys are spread otherwise than by producers elsewhere',
      );
    }
    return created;
  } finally {
    await admin.close();
  }
}

/** @returns the names of those that were missing at first */
async function create(
  kafka: Admin,
  topics: readonly DeclaredTopic[],
  topicPrefix: string,
  replicationFactor: number,
): Promise<string[]> {
  const there = new Set(await whileRefused(() => kafka.listTopics()));
  const missing = topics.filter(({ name }) => !there.has(topicPrefix + name));
  const definitions = missing.map(({ name, partitions }) => ({
    topic: topicPrefix + name,
    numPartitions: partitions,
    replicationFactor,
    configEntries: [{ name: 'retention.ms', value: String(RETENTION_MS[name] ?? DEFAULT_RETENTION_MS) }],
  }));
  // It answers false, and does not reject, where another process was first.
  if (missing.length > 0) {
    await whileRefused(() => kafka.createTopics({ topics: definitions, waitForLeaders: false }));
  }
  return definitions.map(({ topic }) => topic);
}

/** Asks again while a cluster refuses what it may accept a little later. */
async function whileRefused<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const deadline = Date.now() + ACCEPT_DEADLINE_MS; ; await setTimeout(ACCEPT_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!mayPass(error) || Date.now() > deadline) throw error;
    }
  }
}

/** A broker knows of a new topic, and of the leaders of its partitions, some moments after it was created. */
async function readyPartitions(kafka: Admin, topic: string): Promise<number> {
  for (const deadline = Date.now() + READY_DEADLINE_MS; ; await setTimeout(50)) {
    try {
      // Answers only where every partition has a leader.
      return (await kafka.fetchTopicOffsets(topic)).length;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
